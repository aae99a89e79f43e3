"""What came of a storm, seen from the outside: the records, what the nodes sealed, and what their logs say of receipts.

No update is lost or counted twice: each that has a receipt stands in exactly one record's Merkle tree, or the round
that it was received in has no record of that boot, so that it failed as a whole and was done again."""
import glob
import hashlib
import itertools
import re
import sys


def decode(data, at=0):
    """One item of deterministic CBOR, and where it ends."""
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    value = info
    if info >= 24:
        size = 1 << (info - 24)
        value, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        text = bytes(data[at:at + value])
        return (text if major == 2 else text.decode()), at + value
    if major == 4:
        items = []
        for _ in range(value):
            item, at = decode(data, at)
            items.append(item)
        return items, at
    if major == 5:
        items = {}
        for _ in range(value):
            key, at = decode(data, at)
            items[key], at = decode(data, at)
        return items, at
    if major == 6:
        return decode(data, at)
    return {20: False, 21: True, 22: None}[info], at


def head(major, value):
    for info, size in ((24, 1), (25, 2), (26, 4)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << 8 * size:
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError(value)


def leaf(device, number, digest):
    name = device.encode()
    return hashlib.sha256(b"\0" + head(4, 3) + head(3, len(name)) + name + head(0, number) + head(2, 32) + digest).digest()


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def sealed_update(folder, number, device):
    """The digest of a kept update and the boot that it was sealed for, or None when it is not whole."""
    chunks, about = [], None
    while True:
        try:
            with open(f"{folder}/{number}.{device}.{len(chunks)}.cose", "rb") as file:
                message = file.read()
        except OSError:
            return None
        protected = decode(decode(message)[0][0])[0]
        transfer, index, count, total = protected[-65537]
        now = (transfer, count, total, protected[-65538][0])
        if index != len(chunks) or (about is not None and now != about):
            return None
        about = now
        chunks.append(message)
        if len(chunks) == count:
            return hashlib.sha256(b"".join(chunks)).digest(), about[3]


def counted(record, kept):
    """The devices whose updates have the record's root together, or None."""
    number, wanted, target = record[1], record[7], record[9]
    leaves = {device: leaf(device, number, digest) for device, (digest, boot) in kept.items() if boot == record[13]}
    for devices in itertools.combinations(sorted(leaves, key=leaves.get), wanted):
        if root([leaves[device] for device in devices]) == target:
            return set(devices)
    return None


def receipts(path):
    """(boot, round, reason) of each receipt that a node's log tells of."""
    boot, found = None, []
    with open(path, errors="replace") as file:
        for line in file:
            if match := re.search(r" trusted .*boot=([0-9a-f]{32})", line):
                boot = bytes.fromhex(match[1])
            elif match := re.search(r" counted round=(\d+): (.*)", line):
                found.append((boot, int(match[1])))
    return found


def main(work, rounds):
    faults, records = [], {}
    folder = f"{work}/sealed"
    for path in glob.glob(f"{folder}/*.record"):
        with open(path, "rb") as file:
            record = decode(decode(file.read())[0][2])[0]
        records[record[1]] = record
    devices = [path.rsplit("/", 1)[1][:-4] for path in glob.glob(f"{work}/log/device-*.log")]

    bases = {}
    trees = {}
    for number, record in sorted(records.items()):
        kept = {device: update for device in devices if (update := sealed_update(folder, number, device))}
        trees[number] = counted(record, kept)
        if trees[number] is None:
            faults.append(f"round {number}: no {record[7]} of the {len(kept)} updates that were kept have its root")
        if record[3] == 0 and record[2] == 1 and bases.setdefault(record[5], number) != number:
            faults.append(f"rounds {bases[record[5]]} and {number} were both released from one base: updates count twice")
    released = [record for record in records.values() if record[3] == 0 and record[2] == 1]
    if len(released) < rounds:
        faults.append(f"only {len(released)} rounds were released")

    seen = failed_rounds = 0
    for device in devices:
        for boot, number in receipts(f"{work}/log/{device}.log"):
            record = records.get(number)
            if record is None or record[13] != boot:
                failed_rounds += 1  # the boot ended before its record: the round was done again under another one
            elif trees[number] is not None and device not in trees[number]:
                faults.append(f"{device} has a receipt of round {number}, whose record does not count it")
            seen += 1
    total = sum(record[7] for record in records.values())
    if seen == 0 or total == 0:
        faults.append("there is no receipt to check")
    print(f"{len(records)} records, {len(released)} released; {total} updates counted; {seen} receipts, {failed_rounds} of them "
          "in rounds that died with their boot")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
