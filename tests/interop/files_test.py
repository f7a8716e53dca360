# SPDX-License-Identifier: MIT
"""`tern put` and `tern get` and the relay's folder of files."""
import os
import pathlib
import random
import signal
import subprocess
import time

from programs import Skip, check, equal, main, sha256, until


def stored(b):
    return sorted(p.name for p in (b.folder / "files").iterdir())


def with_files(bench, *options):
    return bench.relay("--files", str(bench.folder / "files"), *options)


def rough(bench, relay, *words):
    return bench.tern(relay.address, *words, program="rough-client")[0]


#= ROOM-021 ROOM-022 ROOM-023
def what_is_put_can_be_got_back(bench):
    relay, sizes = with_files(bench), (0, 1, 1199, 65536, 3000001)
    for i, size in enumerate(sizes):
        content = random.Random(size).randbytes(size)
        bench.file(f"f{i}.bin", content)
        out, err = bench.tern("put", relay.address, f"f{i}.bin", "--pin", relay.fingerprint())
        check(out.startswith(f"f{i}.bin  ") and out.endswith(f"sha256 {sha256(content)}\n") and err == "", out + err)
        equal((bench.folder / f"files/received_f{i}.bin").read_bytes(), content)
        for name in (f"f{i}.bin", f"received_f{i}.bin"):
            out, _ = bench.tern("get", relay.address, name, "-o", "back", "--pin", relay.fingerprint())
            check(sha256(content) in out, out)
            equal((bench.folder / "back").read_bytes(), content)
    equal(stored(bench), [f"received_f{i}.bin" for i in range(5)])
    stats = relay.stats()
    equal((stats["files put"], stats["files get"]), (5, 10))
    equal((stats["files put_bytes"], stats["files get_bytes"]), (sum(sizes), 2 * sum(sizes)))
    equal((bench.folder / "files/received_f0.bin").stat().st_mode & 0o777, 0o600)


def files_travel_under_every_controller(bench):
    for name in ("newreno", "cubic", "bbr"):
        relay = bench.relay("--files", str(bench.folder / name), "--congestion", name)
        content = random.Random(name).randbytes(3000000)
        bench.tern("put", relay.address, bench.file("f", content), "--congestion", name, "--pin", relay.fingerprint())
        bench.tern("get", relay.address, "f", "-o", "back", "--congestion", name, "--pin", relay.fingerprint())
        equal((bench.folder / "back").read_bytes(), content)


def a_file_can_be_put_under_another_name_and_over_itself(bench):
    relay = with_files(bench)
    bench.file("a", b"first")
    bench.tern("put", relay.address, "a", "--as", "b \u00e9")
    bench.file("a", b"second")
    bench.tern("put", relay.address, "a", "--as", "b \u00e9")
    equal(stored(bench), ["received_b \u00e9"])
    bench.tern("get", relay.address, "b \u00e9")
    equal((bench.folder / "b \u00e9").read_bytes(), b"second")


def files_that_cannot_be_read_are_one_clear_line(bench):
    relay = with_files(bench)
    bench.refused("put", relay.address, "missing", says="cannot read missing: No such file or directory")
    bench.refused("put", relay.address, bench.folder, says="it is a folder")
    bench.refused("put", relay.address, "/dev/null", says="it is no plain file")
    bench.refused("put", relay.address, "/proc/version", says="became longer")  # it says that it has no bytes
    bench.refused("get", relay.address, "missing", says=["'missing'", "no such file"])
    bench.refused("get", relay.address, "x", "-o", bench.folder, says="it is a folder")
    bench.refused("get", relay.address, "x", "-o", "no/such/folder/x", says="refused 'x'")
    equal(stored(bench), [])


def no_half_file_is_left_where_it_cannot_be_written(bench):
    relay = with_files(bench)
    bench.tern("put", relay.address, bench.file("a", b"a" * 1000))
    bench.refused("get", relay.address, "a", "-o", "no/such/folder/a", says="No such file or directory")
    equal(sorted(p.name for p in bench.folder.iterdir()), ["a", "files", "home", "key.pem"])


#= ROOM-020
def bad_names_are_refused_by_the_client(bench):
    relay = with_files(bench)
    bench.file("a", b"a")
    for name in ("../x", "a/b", "a\\b", ".", "..", ".hidden", "a\nb", "", "x" * 201):
        bench.refused("put", relay.address, "a", "--as", name, says="no file may be called")
        bench.refused("get", relay.address, name, says="no file is called")


#= ROOM-020
def bad_names_are_refused_by_the_relay(bench):
    relay = with_files(bench)
    for name in ("../x", "a/b", "a\\b", ".", "..", ".hidden", "a\nb", ""):
        equal(rough(bench, relay, "put", name, "hello"), "error 1\n", name)
        equal(rough(bench, relay, "get", name), "error 1\n", name)
    equal(stored(bench), [])
    check(not (bench.folder / "x").exists(), "a file outside the folder")


#= ROOM-020
def nothing_but_plain_files_of_the_folder_can_be_got(bench):
    relay = with_files(bench)
    folder = bench.folder / "files"
    secret = bench.file("secret", b"secret")
    (folder / "link").symlink_to(secret)
    (folder / "received_other").symlink_to(secret)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "fifo")
    (folder / "sub").symlink_to(bench.folder)
    for name in ("link", "other", "folder", "fifo", "sub", "sub/secret"):
        equal(rough(bench, relay, "get", name), "error 1\n" if "/" in name else "error 2\n", name)


#= ROOM-020
def a_link_in_the_folder_is_replaced_not_followed(bench):
    relay = with_files(bench)
    secret = bench.file("secret", b"secret")
    (bench.folder / "files/received_a").symlink_to(secret)
    bench.tern("put", relay.address, bench.file("a", b"new"))
    equal(secret.read_bytes(), b"secret")
    check(not (bench.folder / "files/received_a").is_symlink(), "still a link")
    equal((bench.folder / "files/received_a").read_bytes(), b"new")


#= ROOM-021
def a_wrong_hash_leaves_no_file(bench):
    relay = with_files(bench)
    equal(rough(bench, relay, "put-wrong-hash", "a", "hello"), "error 6\n")
    equal(stored(bench), [])


#= ROOM-021
def requests_that_make_no_sense_leave_no_file(bench):
    relay = with_files(bench)
    for what in ("put-short", "put-long", "put-no-done", "junk", "done-first", "empty", "huge-tlv"):
        equal(rough(bench, relay, what, "a", "hello"), "error 8\n", what)
    equal(stored(bench), [])
    bench.tern("put", relay.address, bench.file("a", b"hello"))


#= ROOM-021
def a_part_is_never_seen_and_goes_with_its_client(bench):
    relay = with_files(bench, "--idle-timeout", "2")
    out = rough(bench, relay, "put-and-vanish", "a", "hello")
    equal(out, "vanished\n")
    equal(rough(bench, relay, "get", "a"), "error 2\n")
    until(lambda: stored(bench) == [], f"the part stays: {stored(bench)}")


def parts_of_a_relay_that_died_are_removed(bench):
    relay = with_files(bench)
    rough(bench, relay, "put-and-vanish", "a", "hello")
    relay.process.kill()
    relay.process.wait()
    equal(len(stored(bench)), 1, str(stored(bench)))
    with_files(bench)
    equal(stored(bench), [])


def two_relays_do_not_share_a_folder(bench):
    with_files(bench)
    bench.refused("--listen", "127.0.0.1:0", "--identity", "key.pem", "--files", "files", program="tern-relay",
                  says="another relay uses it")
    bench.file("plain", b"")
    bench.refused("--listen", "127.0.0.1:0", "--identity", "key.pem", "--files", "plain", program="tern-relay", says="plain")


def a_relay_without_files_says_so(bench):
    relay = bench.relay()
    bench.refused("put", relay.address, bench.file("a", b"x" * 1000000), says="keeps no files")
    bench.refused("get", relay.address, "a", says="keeps no files")


def a_file_too_large_is_refused_before_it_is_sent(bench):
    relay = with_files(bench, "--max-file", "100K")
    bench.tern("put", relay.address, bench.file("fits", b"x" * 102400))
    bench.refused("put", relay.address, bench.file("large", b"x" * 5000000), says="larger than this relay takes")
    equal(stored(bench), ["received_fits"])


def a_full_disk_is_told_and_leaves_nothing(bench):
    if os.geteuid() != 0:
        raise Skip("only root can mount a small disk")
    disk = bench.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tern-test", str(disk)], capture_output=True, check=False)
    if mounted.returncode != 0:
        raise Skip(f"cannot mount: {mounted.stderr}")
    try:
        relay = bench.relay("--files", str(disk / "files"))
        bench.refused("put", relay.address, bench.file("large", b"x" * 5000000), says="no space left")
        filler = disk / "filler"
        with_hole = bench.file("medium", random.Random(1).randbytes(1500000))
        filler.write_bytes(b"x" * 1800000)  # what fits by the relay's count of free space, once the filler grows, does not
        bench.refused("put", relay.address, with_hole, says="no space left")
        equal(list((disk / "files").iterdir()), [])
        filler.unlink()
        bench.tern("put", relay.address, with_hole)
        bench.file("other", random.Random(2).randbytes(1500000))
        before = sorted(os.listdir(disk))
        bench.tern("get", relay.address, "medium", "-o", "back")
        bench.refused("get", relay.address, "medium", "-o", disk / "back", says="No space left on device")
        equal(sorted(os.listdir(disk)), before)
        relay.terminate()
    finally:
        bench.stop()
        subprocess.run(["umount", str(disk)], check=True)


def a_disk_that_fills_up_while_a_file_comes_is_told(bench):
    relay = bench.program("sh", "-c", 'ulimit -f 2000; exec "$0" "$@"', bench.bin + "/tern-relay", "--listen", "127.0.0.1:0", "--identity",
                          "key.pem", "--files", "files")
    until(lambda: relay.lines, "the relay does not listen")
    address = relay.lines[0].decode().split()[2]
    bench.refused("put", address, bench.file("large", b"x" * 5000000), says="larger than this relay takes")  # EFBIG
    equal(stored(bench), [])
    bench.tern("put", address, bench.file("small", b"x" * 50000))


def a_file_that_changes_while_it_is_sent_is_refused(bench):
    relay = with_files(bench)
    path = bench.folder / "changes"
    path.write_bytes(b"")
    os.truncate(path, 400000000)
    for size, says in ((1000, "became shorter"), (None, "became longer")):
        os.truncate(path, 400000000)
        put = bench.program(bench.bin + "/tern", "put", relay.address, str(path))
        until(lambda: any(p.stat().st_size > 0 for p in (bench.folder / "files").iterdir() if p.name.startswith(".part")),
              "nothing arrives")
        if size is None:
            with path.open("ab") as file:
                file.write(b"more")
        else:
            os.truncate(path, size)
        put.ends(1, 60)
        check(says.encode() in put.errors[-1], put.errors)
        until(lambda: stored(bench) == [], f"left behind: {stored(bench)}")


def writes(program, folder):
    """Whether it has bytes in a file of the folder, which may have no name yet."""
    for link in pathlib.Path(f"/proc/{program.process.pid}/fd").iterdir():
        try:
            if os.readlink(link).startswith(f"{folder.resolve()}/") and link.stat().st_size > 0:
                return True
        except OSError:  # closed meanwhile
            pass
    return False


def begin_a_large_get(b):
    relay = with_files(b)
    path = b.file("files/large", b"")
    os.truncate(path, 900000000)
    (b.folder / "here").mkdir()
    get = b.program(b.bin + "/tern", "get", relay.address, "large", "-o", "here/large")
    until(lambda: writes(get, b.folder / "here"), "nothing arrives")
    return get


def an_interrupted_get_leaves_nothing(bench):
    get = begin_a_large_get(bench)
    get.process.send_signal(signal.SIGTERM)
    get.ends(1)
    equal(list((bench.folder / "here").iterdir()), [])


def a_get_that_is_killed_leaves_nothing(bench):
    try:
        os.close(os.open(bench.folder, os.O_TMPFILE | os.O_RDWR))
    except OSError:
        raise Skip("this file system has no files without a name") from None
    get = begin_a_large_get(bench)
    get.process.kill()
    get.ends(-signal.SIGKILL)
    equal(list((bench.folder / "here").iterdir()), [])


def an_interrupted_put_leaves_nothing(bench):
    relay = with_files(bench)
    path = bench.folder / "large"
    path.write_bytes(b"")
    os.truncate(path, 900000000)
    put = bench.program(bench.bin + "/tern", "put", relay.address, str(path))
    until(lambda: any(p.stat().st_size > 0 for p in (bench.folder / "files").iterdir()), "nothing arrives")
    put.process.send_signal(signal.SIGINT)
    put.ends(1)
    until(lambda: stored(bench) == [], f"left behind: {stored(bench)}")


def many_files_at_once_all_arrive(bench):
    relay = with_files(bench)
    contents = {f"f{i}": random.Random(i).randbytes(200000 + i) for i in range(12)}
    for name, content in contents.items():
        bench.file(name, content)
    bench.tern("ping", relay.address, "-c", "1")
    puts = [bench.program(bench.bin + "/tern", "put", relay.address, name) for name in contents]
    for put in puts:
        put.ends(0, 60)
    gets = [bench.program(bench.bin + "/tern", "get", relay.address, name, "-o", "back-" + name) for name in contents]
    for get in gets:
        get.ends(0, 60)
    for name, content in contents.items():
        equal((bench.folder / ("back-" + name)).read_bytes() == content, True, name)
    equal(len(stored(bench)), len(contents))


def more_files_at_once_than_a_client_may_are_refused(bench):
    relay = with_files(bench)
    out = rough(bench, relay, "crowd", "a", "hello")
    equal(out, "answers 4 busy 4\n")
    equal(stored(bench), [f"received_a{i}" for i in range(4)])


def a_room_goes_on_while_a_large_file_comes(bench):
    relay = with_files(bench)
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    path = bench.folder / "large"
    path.write_bytes(b"")
    os.truncate(path, 200000000)
    put = bench.program(bench.bin + "/tern", "put", relay.address, str(path))
    worst, count = 0.0, 0
    while put.process.poll() is None:
        begun = time.monotonic()
        ada.say(f"word {count}")
        ben.hears(f"ada> word {count}")
        worst, count = max(worst, time.monotonic() - begun), count + 1
    put.ends(0)
    check(count > 10 and worst < 2, f"{count} words, the slowest took {worst:.2f} s")


if __name__ == "__main__":
    main(globals())
