# SPDX-License-Identifier: MIT
"""The rows of `tcp-over-udp`, which is the native protocol: its certificates, its chat room, and its files from several clients at once,
secure and unsecured on the same port."""
import random

from programs import check, equal, main

SECURE, UNSECURED = "secure", "unsecured"


def relay_of_both(bench):
    """A relay with the generator's certificate that takes both; how each kind of client asks."""
    certificates, ca = bench.certificates()
    relay = bench.relay(*certificates, "--plaintext", "--files", str(bench.folder / "files"), "--room", "tea")
    return relay, {SECURE: ("--ca", ca), UNSECURED: ("--ca", ca, "--plaintext")}


def tcp_over_udp_the_generator_writes_its_four_files(bench):
    relay, how = relay_of_both(bench)
    folder = bench.folder / "certs"
    equal(sorted(p.name for p in folder.iterdir()), ["ca-cert.pem", "ca-key.pem", "server-cert.pem", "server-key.pem"], "files")
    bench.tern("ping", relay.address, "-c", "1", *how[SECURE])
    stranger = bench.folder / "other"
    bench.tern("certs", str(stranger))
    bench.refused("ping", relay.address, "-c", "1", "--ca", str(stranger / "ca-cert.pem"), says="authority")


def tcp_over_udp_files_of_several_clients_at_once_secure_and_unsecured(bench):
    relay, how = relay_of_both(bench)
    first = {f"{kind}{i}": random.Random(f"{kind}{i}").randbytes(300000 + 7 * i) for kind in how for i in range(3)}
    second = {f"next-{name}": content[::-1] for name, content in first.items()}
    for name, content in (first | second).items():
        bench.file(name, content)

    def run(command, name, *options):
        return bench.program(bench.bin + "/tern", command, relay.address, name, *options, *how[SECURE if "unsecured" not in name else UNSECURED])
    for program in [run("put", name) for name in first]:
        program.ends(0, 90)
    puts = [run("put", name) for name in second]  # some come while others go
    gets = [run("get", name, "-o", "back-" + name) for name in first]
    for program in puts + gets:
        program.ends(0, 90)
    for name, content in (first | second).items():
        check((bench.folder / "files" / f"received_{name}").read_bytes() == content, f"received_{name} is not what was sent")
    for name, content in first.items():
        check((bench.folder / f"back-{name}").read_bytes() == content, f"{name} came back as another")
    equal(len(list((bench.folder / "files").iterdir())), 12, "files")


def tcp_over_udp_a_chat_room_of_many_with_nicknames_secure_and_unsecured(bench):
    relay, how = relay_of_both(bench)
    members = {f"{kind}{i}": bench.member(relay, f"{kind}{i}", *how[kind]) for kind in how for i in range(3)}
    for name, member in members.items():
        member.say(f"I am {name}")
    for name in members:
        for other in members.values():
            other.hears(f"{name}> I am {name}")
    bench.refused("chat", relay.address, "--room", "tea", "--name", "secure0", *how[SECURE], says="secure0")
    members.pop("unsecured0").end_input()
    for other in members.values():
        other.hears("* unsecured0 left")


if __name__ == "__main__":
    main(globals())
