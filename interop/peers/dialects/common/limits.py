# SPDX-License-Identifier: MIT
"""What bounds a server's work and memory: work a second, in all and for each address; what was seen lately."""
import collections


class Bucket:
    """A rate, with two seconds of it saved up at most."""

    def __init__(self, rate, now):
        self.rate, self.left, self.at = rate, 2 * rate, now

    def refill(self, now):
        self.left = min(2 * self.rate, self.left + (now - self.at) * self.rate)
        self.at = now


class Budget:
    """Units of work a second. An address that is not known yet takes the place of the one that was silent longest."""

    def __init__(self, total, each, addresses=256):
        self.total, self.each, self.addresses = Bucket(total, 0.0), each, addresses
        self.buckets = collections.OrderedDict()

    def take(self, ip, cost, now):
        """Whether this much may be done for this address now; it is then counted as done."""
        #= DIA-010
        own = self.buckets.pop(ip, None) or Bucket(self.each, now)
        self.buckets[ip] = own
        if len(self.buckets) > self.addresses:
            self.buckets.popitem(last=False)
        for bucket in (own, self.total):
            bucket.refill(now)
        if own.left < cost or self.total.left < cost:
            return False
        own.left -= cost
        self.total.left -= cost
        return True


class Seen:
    """The last things that were seen, a bounded number of them."""

    def __init__(self, most=4096):
        self.most, self.things = most, collections.OrderedDict()

    def __contains__(self, thing):
        return thing in self.things

    def add(self, thing):
        self.things[thing] = True
        if len(self.things) > self.most:
            self.things.popitem(last=False)
