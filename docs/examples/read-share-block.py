#!/usr/bin/env python3
"""Prints the shares of a record of shares.submitted or shares.verified, one JSON object a line, each hashed again.

Needs pyarrow and nothing of Assay:

    kcat -C -b localhost:9092 -t shares.verified -p 0 -o 0 -c 1 -e -q -f %s | python3 read-share-block.py
"""

import hashlib
import json
import struct
import sys

import pyarrow as pa


def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def hash_of(share):
    """The hash of a share, 32 bytes in header byte order; None when it names no job."""
    job = share["job"]
    if job is None:
        return None
    magic, layout, algorithm, branches, _, version, nbits, _, length1, length2 = struct.unpack("<4s4B5I", job[:28])
    assert magic == b"ASYJ" and layout == 1
    end1, end2 = 60 + length1, 60 + length1 + length2
    root = sha256d(job[60:end1] + share["extranonce1"] + share["extranonce2"] + job[end1:end2])
    for i in range(branches):
        root = sha256d(root + job[end2 + 32 * i : end2 + 32 * i + 32])
    mask = share["version_mask"]
    version = (version & ~mask) | (share["version_bits"] & mask)
    header = struct.pack("<I", version) + job[28:60] + root + struct.pack("<3I", share["ntime"], nbits, share["nonce"])
    if algorithm == 2:
        return hashlib.scrypt(header, salt=header, n=1024, r=1, p=1, dklen=32)
    return sha256d(header)


def main():
    table = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    for share in table.to_pylist():
        hashed = hash_of(share)
        share["submitted_at"] = share["submitted_at"].isoformat(timespec="microseconds").replace("+00:00", "Z")
        share["computed_hash"] = hashed
        del share["job"]  # a kilobyte; job_hash names it
        print(json.dumps({name: value.hex() if isinstance(value, bytes) else value for name, value in share.items()}))


main()
