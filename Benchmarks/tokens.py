"""Prints tokens for clients of a measured server, one a line: tokens.py SECRET-FILE COUNT.

Each is for a user of its own, all of one tenant, and ends in an hour.
"""
import base64
import hashlib
import hmac
import json
import sys
import time
import uuid


def encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


with open(sys.argv[1], "rb") as file:
    secret = file.read()
header = encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
for number in range(int(sys.argv[2])):
    claims = {
        "sub": f"user-{number}", "jti": str(uuid.uuid4()), "tenant_id": "public",
        "permissions": ["events:publish"], "exp": int(time.time()) + 3600,
    }
    signed = header + b"." + encoded(json.dumps(claims).encode())
    print((signed + b"." + encoded(hmac.digest(secret, signed, "sha256"))).decode())
