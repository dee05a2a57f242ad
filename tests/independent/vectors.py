"""What others published so that code like ours can be held against it: carried over as data, each with where it is from.

W3C's Recommendations are under the W3C Software and Document License, its test suite of RDF canonicalisation under the 3-clause
BSD licence as well, code components of RFCs under the Revised BSD License.
"""

from typing import Any

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
EXAMPLES_CONTEXT = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
"""The context at that address, which W3C's examples use; it gives any word a meaning."""

# "Data Integrity EdDSA Cryptosuites v1.0", W3C Recommendation of 15 May 2025, B.1 (eddsa-rdfc-2022)
ALUMNI_PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
ALUMNI_SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
ALUMNI: dict[str, Any] = {
    "@context": [CREDENTIALS, EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": f"did:key:{ALUMNI_PUBLIC}#{ALUMNI_PUBLIC}",
        "proofPurpose": "assertionMethod",
        "proofValue": "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme",
    },
}
ALUMNI_PROOF_QUADS = f"""\
_:c14n0 <http://purl.org/dc/terms/created> "2023-02-24T23:36:38Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/security#DataIntegrityProof> .
_:c14n0 <https://w3id.org/security#cryptosuite> "eddsa-rdfc-2022"^^<https://w3id.org/security#cryptosuiteString> .
_:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .
_:c14n0 <https://w3id.org/security#verificationMethod> <did:key:{ALUMNI_PUBLIC}#{ALUMNI_PUBLIC}> .
"""
ALUMNI_PROOF_HASH = "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
ALUMNI_HASH = "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
ALUMNI_SIGNATURE = (
    "4d8e53c2d5b3f2a7891753eb16ca993325bdb0d3cfc5be1093d0a18426f5ef85"
    "78cadc0fd4b5f4dd0d1ce0aefd15ab120b7a894d0eb094ffda4e6553cd1ed50d"
)

# "Bitstring Status List v1.0", W3C Recommendation of 15 May 2025, A.1 and A.2, as signed there (eddsa)
LISTS_PUBLIC = "z6MkeVw6bAm59CopQquZcVLUpapvEEELqfpdWfHkSont8HR6"
LISTS_PROOF = {
    "type": "DataIntegrityProof",
    "created": "2025-04-27T20:53:40Z",
    "verificationMethod": f"did:key:{LISTS_PUBLIC}",
    "cryptosuite": "eddsa-rdfc-2022",
    "proofPurpose": "assertionMethod",
}
REVOCABLE: dict[str, Any] = {
    "@context": [CREDENTIALS, EXAMPLES],
    "id": "https://example.com/credentials/23894672394",
    "type": ["VerifiableCredential"],
    "issuer": "did:example:12345",
    "validFrom": "2021-04-05T14:27:42Z",
    "credentialStatus": {
        "id": "https://example.com/credentials/status/3#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://example.com/credentials/status/3",
    },
    "credentialSubject": {"id": "did:example:6789", "type": "Person"},
    "proof": LISTS_PROOF
    | {
        "proofValue": "z2Gjztpjjb7iJxNF9YZ4ssG6qTuv48XhsqTnMobv4ofFD12NNaeZmgwgkkPtYKHyESuEe1AHNBavjJaPbH9ZZJqxk",
    },
}
STATUS_LIST: dict[str, Any] = {
    "@context": [CREDENTIALS, EXAMPLES],
    "id": "https://example.com/credentials/status/3",
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": "did:example:12345",
    "validFrom": "2021-04-05T14:27:40Z",
    "credentialSubject": {
        "id": "https://example.com/status/3#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
    },
    "proof": LISTS_PROOF
    | {
        "proofValue": "z4hwxiLnXHLUAomJXtfoowKc1ZBNpw1Wjw1vYsXEvifETSh6odbtmh6qfEDijRBxCZJ5hjguPotaywncvcHQ9yfRf",
    },
}

# RFC 8037, A.1, A.2 and A.4
JWS_SECRET = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
JWS_PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
JWS_SIGNED = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
JWS_SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

# W3C's test suite of RDF Dataset Canonicalization (RDFC-1.0): the number of a test, what is given, what is to come of it
VOCAB, TYPE = "http://example.org/vocab#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
APART = {
    "003": (f"_:e0 <{TYPE}> <{VOCAB}Foo> .", f"_:c14n0 <{TYPE}> <{VOCAB}Foo> ."),
    "005": (
        f"""\
<http://example.org/test#example> <{TYPE}> <{VOCAB}Foo> .
<http://example.org/test#example> <{VOCAB}embed> _:e0 .
_:e0 <{TYPE}> <{VOCAB}Bar> .""",
        f"""\
<http://example.org/test#example> <{VOCAB}embed> _:c14n0 .
<http://example.org/test#example> <{TYPE}> <{VOCAB}Foo> .
_:c14n0 <{TYPE}> <{VOCAB}Bar> .""",
    ),
    "014": (
        f"""\
<http://example.org/test> <{VOCAB}bool> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://example.org/test> <{VOCAB}double> "1.23E0"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://example.org/test> <{VOCAB}int> "123"^^<http://www.w3.org/2001/XMLSchema#integer> .""",
        f"""\
<http://example.org/test> <{VOCAB}bool> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://example.org/test> <{VOCAB}double> "1.23E0"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://example.org/test> <{VOCAB}int> "123"^^<http://www.w3.org/2001/XMLSchema#integer> .""",
    ),
    "016": (
        f"""\
<http://example.org/test> <{VOCAB}A> _:e0 .
<http://example.org/test> <{VOCAB}B> _:e0 .
<http://example.org/test> <{VOCAB}embed> _:e0 .""",
        f"""\
<http://example.org/test> <{VOCAB}A> _:c14n0 .
<http://example.org/test> <{VOCAB}B> _:c14n0 .
<http://example.org/test> <{VOCAB}embed> _:c14n0 .""",
    ),
    "018": (f"_:e0 <{VOCAB}self> _:e0 .", f"_:c14n0 <{VOCAB}self> _:c14n0 ."),
    "020": (
        f"""\
<{VOCAB}test> <{VOCAB}A> _:e0 .
<{VOCAB}test> <{VOCAB}B> _:e1 .
_:e0 <{VOCAB}next> _:e2 .
_:e1 <{VOCAB}next> _:e2 .""",
        f"""\
<{VOCAB}test> <{VOCAB}A> _:c14n2 .
<{VOCAB}test> <{VOCAB}B> _:c14n0 .
_:c14n0 <{VOCAB}next> _:c14n1 .
_:c14n2 <{VOCAB}next> _:c14n1 .""",
    ),
    "030": (
        f"""\
<{VOCAB}test> <{VOCAB}A> _:e0 .
<{VOCAB}test> <{VOCAB}B> _:e1 .
<{VOCAB}test> <{VOCAB}C> _:e2 .
_:e0 <{VOCAB}next> _:e1 .
_:e1 <{VOCAB}next> _:e2 .
_:e2 <{VOCAB}next> _:e0 .""",
        f"""\
<{VOCAB}test> <{VOCAB}A> _:c14n0 .
<{VOCAB}test> <{VOCAB}B> _:c14n1 .
<{VOCAB}test> <{VOCAB}C> _:c14n2 .
_:c14n0 <{VOCAB}next> _:c14n1 .
_:c14n1 <{VOCAB}next> _:c14n2 .
_:c14n2 <{VOCAB}next> _:c14n0 .""",
    ),
    # the lines of test 060 with text as a badge may have it, without letters given by their number: those are for readers of N-Quads
    "060": (
        r"""
<urn:ex:s:001> <urn:ex:000:empty> "" .
<urn:ex:s:001> <urn:ex:002:quote> "\"" .
<urn:ex:s:001> <urn:ex:003:backslash> "\\" .
<urn:ex:s:001> <urn:ex:004:nl> "\n" .
<urn:ex:s:001> <urn:ex:009> "\\u0039" .
<urn:ex:s:001> <urn:ex:013> "\\\\\\" .
<urn:ex:s:001> <urn:ex:016> "∞" .
<urn:ex:s:003> <urn:ex:027> "🌃" .""".strip(),
        r"""
<urn:ex:s:001> <urn:ex:000:empty> "" .
<urn:ex:s:001> <urn:ex:002:quote> "\"" .
<urn:ex:s:001> <urn:ex:003:backslash> "\\" .
<urn:ex:s:001> <urn:ex:004:nl> "\n" .
<urn:ex:s:001> <urn:ex:009> "\\u0039" .
<urn:ex:s:001> <urn:ex:013> "\\\\\\" .
<urn:ex:s:001> <urn:ex:016> "∞" .
<urn:ex:s:003> <urn:ex:027> "🌃" .""".strip(),
    ),
}
"""Where nodes without a name differ by their own quads."""
ALIKE = {
    "019": (
        f"_:e0 <{VOCAB}self> _:e0 .\n_:e1 <{VOCAB}self> _:e1 .",
        f"_:c14n0 <{VOCAB}self> _:c14n0 .\n_:c14n1 <{VOCAB}self> _:c14n1 .",
    ),
    "021": (
        f"_:e0 <{VOCAB}next> _:e1 .\n_:e1 <{VOCAB}next> _:e0 .",
        f"_:c14n0 <{VOCAB}next> _:c14n1 .\n_:c14n1 <{VOCAB}next> _:c14n0 .",
    ),
    "026": (
        f"""\
_:e1 <{VOCAB}next> _:e2 .
_:e1 <{VOCAB}prev> _:e0 .
_:e0 <{VOCAB}next> _:e1 .
_:e0 <{VOCAB}prev> _:e2 .
_:e2 <{VOCAB}next> _:e0 .
_:e2 <{VOCAB}prev> _:e1 .""",
        f"""\
_:c14n0 <{VOCAB}next> _:c14n2 .
_:c14n0 <{VOCAB}prev> _:c14n1 .
_:c14n1 <{VOCAB}next> _:c14n0 .
_:c14n1 <{VOCAB}prev> _:c14n2 .
_:c14n2 <{VOCAB}next> _:c14n1 .
_:c14n2 <{VOCAB}prev> _:c14n0 .""",
    ),
    "035": (
        f"""\
_:e0 <{VOCAB}p1> _:e2 .
_:e1 <{VOCAB}p1> _:e3 .
_:e2 <{VOCAB}p2> "Foo" .
_:e3 <{VOCAB}p2> "Foo" .""",
        f"""\
_:c14n0 <{VOCAB}p1> _:c14n1 .
_:c14n1 <{VOCAB}p2> "Foo" .
_:c14n2 <{VOCAB}p1> _:c14n3 .
_:c14n3 <{VOCAB}p2> "Foo" .""",
    ),
}
"""Where they don't, and only what is around them tells them apart, or nothing does."""
