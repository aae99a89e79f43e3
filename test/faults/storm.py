"""A federation of real processes in bad weather: kills, stops, cut links, forgetful brokers and full disks at moments
that a seed decides, until enough rounds were released; then calm, in which one more round must complete."""
import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from parts import Part
from proxy import Proxy


class Trouble(Exception):
    pass


class Storm:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.began = time.monotonic()
        self.counts = {}
        self.later = []  # (moment, name, function): what ends a fault
        self.proxy = Proxy(options.broker_port)
        work, bin_folder = options.work, options.bin
        log = lambda name: f"{work}/log/{name}.log"
        self.broker = Part("broker", [options.mosquitto, "-c", f"{work}/federation/broker/mosquitto.conf"], log("broker"))
        self.aggregator = Part("aggregator", [f"{bin_folder}/tacit-aggregator", "-c",
                                              f"{work}/federation/aggregator/aggregator.conf"], log("aggregator"),
                               self.shim("aggregator", f"{work}/disk/"))
        self.nodes = []
        for i in range(1, options.nodes + 1):
            name, folder = f"device-{i}", f"{work}/federation/devices/device-{i}"
            # Every second one can be told that its disk is full.
            self.nodes.append(Part(name, [f"{bin_folder}/tacit-node", "-c", f"{folder}/node.conf"], log(name),
                                   self.shim(name, folder) if i % 2 == 0 else None))
        self.parts = [self.broker, self.aggregator, *self.nodes]

    def shim(self, name, below):
        return {"LD_PRELOAD": self.options.shim, "TACIT_FAULT_BELOW": below,
                "TACIT_FAULT_FILE": f"{self.options.work}/fault/{name}"}

    # ---- telling and waiting

    def say(self, text):
        print(f"{time.monotonic() - self.began:7.1f} s  {text}", flush=True)

    def attend(self):
        now = time.monotonic()
        for entry in sorted(self.later, key=lambda entry: entry[0]):
            if entry[0] <= now:
                self.later.remove(entry)
                entry[2]()
        for part in self.parts:
            part.attend()
            if part.surprises:
                raise Trouble(part.surprises[0])

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.attend()
            time.sleep(0.05)

    def after(self, seconds, name, end):
        self.later.append((time.monotonic() + seconds, name, end))

    def busy(self, name):
        return any(entry[1] == name for entry in self.later)

    def calm(self):
        """Every fault that is under way ends now."""
        for entry in list(self.later):
            self.later.remove(entry)
            entry[2]()

    # ---- the owner

    def tacit(self, *arguments, tries=1, timeout=30):
        """A command of the owner's, over a link of its own; while it waits the others are attended to."""
        for attempt in range(tries):
            log = open(f"{self.options.work}/log/tacit.log", "ab+")
            at = log.tell()
            process = subprocess.Popen([f"{self.options.bin}/tacit", *arguments], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, env={**os.environ, "TACIT_CONF": f"{self.options.work}/federation/owner/tacit.conf"})
            end = time.monotonic() + timeout
            while process.poll() is None and time.monotonic() < end:
                self.wait(0.1)
            if process.poll() is None:
                process.kill()
                process.wait()
            log.seek(at)
            said = log.read().decode(errors="replace").strip()
            log.close()
            if process.returncode == 0 or "busy" in said.lower():
                return said
            self.wait(1)
        raise Trouble(f"tacit {' '.join(arguments)}: {said}")

    def rounds(self):
        """How many training rounds the aggregator has kept as released."""
        try:
            with sqlite3.connect(f"file:{self.options.work}/disk/aggregator.db?mode=ro", uri=True, timeout=1) as database:
                return database.execute("SELECT count(*) FROM rounds WHERE reason = 0 AND task = 1").fetchone()[0]
        except sqlite3.Error:
            return -1

    # ---- faults

    def count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1

    def kill_part(self, part, name):
        if not part.kill(self.random.uniform(0, 1.5)):
            return False
        self.count(name)
        self.say(f"kill -9 {part.name}")
        return True

    def kill_node(self):
        return self.kill_part(self.random.choice(self.nodes), "kill_node")

    def kill_host(self):
        return self.kill_part(self.aggregator, "kill_host")

    def kill_enclave(self):
        pid = self.aggregator.child()
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        self.count("kill_enclave")
        self.say("kill -9 enclave")
        return True

    def kill_broker(self):
        forget = self.random.random() < 0.5
        if not self.kill_part(self.broker, "kill_broker"):
            return False
        if forget:
            self.forget_all()
        return True

    def forget_all(self):
        """The broker, which is down, will know nothing when it starts."""
        shutil.rmtree(f"{self.options.work}/federation/broker/data")
        os.mkdir(f"{self.options.work}/federation/broker/data")
        self.count("broker_forgot")
        self.say("  ... and it has forgotten everything")

    def restart_broker(self):
        """In order: it writes what it knows, and knows it afterwards."""
        if self.broker.stop() is None:
            return False
        self.count("restart_broker")
        self.say("restart broker")
        return True

    def freeze(self):
        part = self.random.choice([self.aggregator, self.broker, *self.random.sample(self.nodes, min(4, len(self.nodes)))])
        if not part.running() or self.busy(f"freeze {part.name}"):
            return False
        seconds = self.random.uniform(1, 4)
        process = part.process
        part.signal(signal.SIGSTOP)
        self.after(seconds, f"freeze {part.name}", lambda: process.poll() is None and process.send_signal(signal.SIGCONT))
        self.count("freeze")
        self.say(f"SIGSTOP {part.name} for {seconds:.1f} s")
        return True

    def cut(self):
        which = self.random.choice(["all", "one", "refuse", "hold"])
        if self.busy("network"):
            return False
        seconds = self.random.uniform(1, 4)
        if which == "all":
            self.proxy.cut()
        elif which == "one":
            self.proxy.cut(lambda links: self.random.sample(links, min(1, len(links))))
        elif which == "refuse":
            self.proxy.refuse(True)
            self.proxy.cut()
            self.after(seconds, "network", lambda: self.proxy.refuse(False))
        else:
            self.proxy.hold(True)
            self.after(seconds, "network", lambda: self.proxy.hold(False))
        self.count("network")
        self.say(f"network: {which}")
        return True

    def fill_disk(self):
        """The small file system of the aggregator's database, where there is one."""
        path = f"{self.options.work}/disk/filler"
        if not self.options.small_disk or self.busy("disk aggregator"):
            return False
        try:
            with open(path, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError:
            pass
        return self.disk_is_full(self.aggregator, path, "is really full")

    def shim_disk(self):
        part = self.random.choice([self.aggregator, *self.nodes[1::2]])
        if self.busy(f"disk {part.name}"):
            return False
        fault, text = self.random.choice([("f", "says it is full"), ("s", "writes short, then is full"), ("e", "does not sync")])
        path = f"{self.options.work}/fault/{part.name}"
        with open(path, "w") as file:
            file.write(fault)
        return self.disk_is_full(part, path, text)

    def disk_is_full(self, part, path, text):
        seconds = self.random.uniform(2, 5)
        part.may_end = True

        def end():
            os.remove(path)
            # What failed at start ends a little later than its cause.
            self.after(3, f"disk {part.name}", lambda: setattr(part, "may_end", False))

        self.after(seconds, f"disk {part.name}", end)
        self.count("disk")
        self.say(f"the disk of {part.name} {text} for {seconds:.1f} s")
        return True

    def kills(self):
        return sum(count for name, count in self.counts.items() if name.startswith("kill_"))

    # ---- the course of things

    def begin(self):
        self.wait(0.5)  # which starts all of them
        self.tacit("model", "import", f"{self.options.work}/first.safetensors", tries=5)

    def until(self, what, done):
        """Waits, attending to all, until done() is true; it is given up after the patience."""
        end = time.monotonic() + self.options.patience
        while not done():
            if time.monotonic() > end:
                raise Trouble(f"{what}: not within {self.options.patience} s")
            self.wait(0.05)

    def release(self, rounds, cohort):
        """So many more rounds, each with so many devices."""
        wanted = self.rounds() + rounds
        self.plan(rounds, cohort)
        self.until(f"{rounds} rounds with a cohort of {cohort}", lambda: self.rounds() >= wanted)

    def last_counted(self):
        with sqlite3.connect(f"file:{self.options.work}/disk/aggregator.db?mode=ro", uri=True) as database:
            return database.execute("SELECT counted FROM rounds ORDER BY id DESC LIMIT 1").fetchone()[0]

    def plan(self, rounds, cohort=None):
        said = self.tacit("start", "--rounds", str(rounds), "--cohort", str(cohort or self.options.cohort), "--deadline",
                          str(self.options.deadline), "--no-evaluate", "--lasting", tries=20)
        self.say(f"owner: {said}")

    def blow(self):
        faults = [(self.kill_node, 30), (self.kill_host, 6), (self.kill_enclave, 6), (self.kill_broker, 6),
                  (self.restart_broker, 2), (self.freeze, 10), (self.cut, 10), (self.fill_disk, 3), (self.shim_disk, 6)]
        fault = self.random.choices([fault for fault, _ in faults], [weight for _, weight in faults])[0]
        return fault()

    def rage(self):
        """Until so many rounds were released and so many parts killed. Harsh faults leave time for a round."""
        options, seen, moved = self.options, 0, time.monotonic()
        while True:
            done = self.rounds()
            if done > seen:
                self.say(f"released {done} of {options.rounds}, {self.kills()} kills")
                seen, moved = done, time.monotonic()
            if seen >= options.rounds and self.kills() >= options.kills:
                return
            if time.monotonic() - moved > options.patience:
                raise Trouble(f"no round was released for {options.patience} s")
            # More kills than rounds need: hold back; fewer: hurry.
            behind = self.kills() * options.rounds < options.kills * (seen + 1)
            if behind or seen >= options.rounds or self.random.random() < 0.1:
                self.blow()
            self.wait(self.random.uniform(0.05, 1.2))
            if seen >= options.rounds and self.kills() < options.kills and not self.is_open():
                self.plan(2)

    def is_open(self):
        try:
            said = self.tacit("status", timeout=5)
        except Trouble:
            return True
        return any(line.split() == ["state", "open"] for line in said.splitlines()) or "rounds_left    0" not in said

    def settle(self):
        """No more faults: one more round, asked for now, completes within the bound, and then all is quiet."""
        self.calm()
        self.say("calm")
        before, end = self.rounds(), time.monotonic() + self.options.patience
        self.plan(1)
        while self.rounds() <= before:
            if time.monotonic() > end:
                raise Trouble(f"no round completed within {self.options.patience} s after the last fault")
            self.wait(0.2)
        while self.is_open():
            if time.monotonic() > end:
                raise Trouble("the plan did not come to its end")
            self.wait(0.5)
        self.wait(2)
        self.tacit("rounds", "--save", f"{self.options.work}/sealed", tries=5)

    def course(self):
        self.begin()
        self.plan(self.options.rounds)
        self.rage()
        self.settle()

    def end(self):
        self.calm()
        for part in reversed(self.parts):
            code = part.stop()
            if code not in (None, 0):
                part.surprises.append(f"{part.name} ended with {code} when it was asked to; its log is {part.log}")


def run(storm):
    options = storm.options
    trouble = []
    # The federation was made for the broker's own port; everybody but the broker goes through the proxy.
    for path in options.through:
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace(f"port {options.broker_port}\n", f"port {storm.proxy.port}\n"))
    try:
        storm.course()
    except Trouble as why:
        trouble.append(str(why))
    finally:
        storm.end()
    trouble += [surprise for part in storm.parts for surprise in part.surprises if surprise not in trouble]
    with open(f"{options.work}/counts", "w") as file:
        file.write(f"kills={storm.kills()} " + " ".join(f"{name}={count}" for name, count in sorted(storm.counts.items())) + "\n")
    for line in trouble:
        print(f"faults: {line}")
    return 1 if trouble else 0


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("work", "bin", "shim", "mosquitto"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("seed", "nodes", "rounds", "kills", "cohort", "deadline", "patience", "broker-port"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--small-disk", action="store_true")
    parser.add_argument("through", nargs="*")

    def interrupted(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # ending what was started takes its time
        sys.exit(130)

    signal.signal(signal.SIGTERM, interrupted)
    options = parser.parse_args()
    if not os.path.exists(options.shim):  # the loader would pass over it, and no disk be full
        parser.error(f"--shim {options.shim}: there is no such file; make faults builds it")
    return options


if __name__ == "__main__":
    sys.exit(run(Storm(read_options())))
