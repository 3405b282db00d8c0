"""Twilio's own library, asked line by line: each line of JSON that comes in is answered by one.

{"sign": {token, url, fields}}                      -> {"signature": …}
{"check": {token, url, fields, body, signature}}    -> {"valid": …}
{"token": {jwt, secret, account, key, application}} -> {"claims": …, "headers": …, "expected": …}
"""

import json
import sys

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.request_validator import RequestValidator


class Fields(dict):
    """A form in which a name may be repeated, as web frameworks have it."""

    def __init__(self, fields):
        super().__init__()
        for name, value in fields:
            self.setdefault(name, []).append(value)

    def getall(self, name):
        return self[name]


def sign(token, url, fields):
    return {"signature": RequestValidator(token).compute_signature(url, Fields(fields))}


def check(token, url, fields, body, signature):
    params = Fields(fields) if body is None else body
    return {"valid": RequestValidator(token).validate(url, params, signature)}


def token(jwt, secret, account, key, application):
    # Checks signature and times; raises when they are wrong.
    read = AccessToken.from_jwt(jwt, secret)
    grant = VoiceGrant(outgoing_application_sid=application, incoming_allow=True)
    own = AccessToken(account, key, secret, [grant], identity="alice", nbf=None)
    return {
        "claims": read.payload,
        "headers": read.headers,
        "expected": {"claims": own.payload, "headers": own.headers},
    }


ANSWERS = {"sign": sign, "check": check, "token": token}

for line in sys.stdin:
    ((name, question),) = json.loads(line).items()
    print(json.dumps(ANSWERS[name](**question)), flush=True)
