"""Back-pressure: a link that breaks in the middle of a transfer, a device that is killed there, and a broker with tiny
limits, which drops what does not fit without telling its receiver. Nobody may lose an update by it, and what has arrived
is not sent again: the broker's log, which names every chunk that it received, is counted."""
import collections
import re
import signal
import sys

from proxy import Proxy
from storm import Storm, Trouble, read_options, run

TINY = {"max_inflight_messages": 2, "max_queued_messages": 6, "max_queued_bytes": 24000}


class Pressure(Storm):
    def __init__(self, options):
        super().__init__(options)
        self.link = Proxy(options.broker_port)  # of the first device alone
        self.first = self.nodes[0]
        self.conf = f"{options.work}/federation/broker/mosquitto.conf"
        self.since = 0  # where in the broker's log to begin

    # ---- the broker

    def limit(self, limits):
        """Sets lines of the broker's configuration; None takes one out."""
        with open(self.conf) as file:
            lines = [line for line in file.read().splitlines() if line.split(" ")[0] not in limits]
        lines += [f"{name} {value}" for name, value in limits.items() if value is not None]
        with open(self.conf, "w") as file:
            file.write("\n".join(lines) + "\n")

    def log_of_broker(self):
        with open(self.broker.log, errors="replace") as file:
            file.seek(self.since)
            return file.read()

    def mark(self):
        with open(self.broker.log, "rb") as file:
            self.since = file.seek(0, 2)

    def chunks(self):
        """{(device, round): {chunk: how often the broker received it}} since the mark, without requests for proofs."""
        found = collections.defaultdict(collections.Counter)
        pattern = r"Received PUBLISH from \S+ \(.*?'tacit/1/storm/update/gateway/([^/]+)/(\d+)\.(\d+)', \.\.\. \((\d+) bytes\)"
        for device, number, chunk, size in re.findall(pattern, self.log_of_broker()):
            if int(size) > 200:
                found[device, int(number)][int(chunk)] += 1
        return found

    def sent_by_first(self):
        return next((counts for (device, _), counts in self.chunks().items() if device == self.first.name), collections.Counter())

    def largest(self, kind):
        sizes = re.findall(rf"Received PUBLISH from .*?'tacit/1/storm/{kind}/.*\((\d+) bytes\)", self.log_of_broker())
        return max(map(int, sizes), default=0)

    # ---- acts

    def quiet_round(self):
        """How many chunks an update has, when nothing goes wrong."""
        self.mark()
        self.release(1, len(self.nodes))
        counts = self.chunks()
        whole = max(max(chunks) for chunks in counts.values()) + 1
        if len(counts) != len(self.nodes) or any(len(chunks) != whole for chunks in counts.values()):
            raise Trouble(f"a quiet round has {[len(chunks) for chunks in counts.values()]} chunks")
        self.say(f"an update has {whole} chunks, of up to {self.largest('update')} bytes")
        return whole

    def broken_link(self, whole, kill):
        """The first device's link breaks when half of its update is through; perhaps it is killed there, too."""
        self.mark()
        self.link.allow(whole * 4096 // 2)
        wanted = self.rounds() + 1
        self.plan(1, len(self.nodes))
        self.until("half of an update", self.link.exhausted.is_set)
        if kill:
            self.kill_part(self.first, "kill_node")
        self.wait(3)
        before = self.sent_by_first()
        self.link.refuse(False)
        self.until("a round in spite of a broken link", lambda: self.rounds() >= wanted)
        after = self.sent_by_first()
        self.count("broken_link")
        self.say(f"{'killed and ' if kill else ''}cut after {len(before)} of {whole} chunks; {sum(after.values())} were received in all")
        if not whole // 4 < len(before) < whole:
            raise Trouble("the link did not break in the middle of the transfer")
        if len(after) != whole or self.last_counted() != len(self.nodes):
            raise Trouble(f"{len(after)} of {whole} chunks came, {self.last_counted()} updates were counted")
        # Again may come: what was in flight, and offers. Not what had arrived.
        if sum(after.values()) - whole > min(whole // 4, 14):
            raise Trouble("what had arrived was sent again")

    def tiny_broker(self):
        self.limit(TINY)
        self.restart_broker()
        self.mark()
        wanted = self.rounds() + self.options.rounds
        self.plan(self.options.rounds, len(self.nodes))
        # A slow aggregator: what the devices send meanwhile does not fit into the broker.
        for _ in range(self.options.rounds):
            self.mark_of_round = self.rounds()
            self.until("chunks of an update", lambda: self.sent_by_first() or self.rounds() >= wanted)
            self.aggregator.signal(signal.SIGSTOP)
            self.wait(1)
            self.aggregator.signal(signal.SIGCONT)
            self.until("a round of a tiny broker", lambda: self.rounds() > self.mark_of_round)
        self.until("rounds of a tiny broker", lambda: self.rounds() >= wanted)
        dropped = self.log_of_broker().count("Outgoing messages are being dropped for client gateway")
        again = sum(sum(chunks.values()) - len(chunks) for chunks in self.chunks().values())
        self.say(f"the broker began {dropped} times to drop what is for the aggregator; {again} chunks were sent again")
        self.count("dropping")
        if dropped == 0 or again == 0:
            raise Trouble("the tiny broker dropped nothing")
        if self.last_counted() != len(self.nodes):
            raise Trouble(f"only {self.last_counted()} of {len(self.nodes)} were counted")

    def small_messages(self, size):
        """The broker takes no chunk of an update for a while, and says so to who sends it."""
        told = lambda: sum(open(node.log, errors="replace").read().count("mqtt_publish_refused") for node in self.nodes)
        before = told()
        self.limit({"message_size_limit": size, **dict.fromkeys(TINY)})
        self.restart_broker()
        self.wait(1)
        wanted = self.rounds() + 1
        self.plan(1, len(self.nodes))
        self.until("a device that is told of the limit", lambda: told() > before)
        self.wait(2)
        if self.rounds() >= wanted:
            raise Trouble("the limit had no effect")
        self.limit({"message_size_limit": None})
        self.restart_broker()
        self.until("a round after the limit", lambda: self.rounds() >= wanted)
        self.count("message_size_limit")

    def course(self):
        conf = f"{self.options.work}/federation/devices/{self.first.name}/node.conf"
        with open(conf) as file:
            text = file.read()
        with open(conf, "w") as file:
            file.write(text.replace(f"port {self.proxy.port}\n", f"port {self.link.port}\n"))
        self.limit({"log_type debug": None})
        with open(self.conf, "a") as file:
            file.write("log_type debug\n")
        self.begin()
        whole = self.quiet_round()
        model, update = self.largest("model"), self.largest("update")
        self.broken_link(whole, kill=False)
        self.broken_link(whole, kill=True)
        self.tiny_broker()
        if model < update:  # else the model would not be heard of either
            self.small_messages(update - 1)
        else:
            raise Trouble(f"chunks of the model have {model} bytes, of an update {update}")
        self.settle()


if __name__ == "__main__":
    sys.exit(run(Pressure(read_options())))
