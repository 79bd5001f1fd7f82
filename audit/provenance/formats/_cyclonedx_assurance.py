"""CycloneDX tables: embedded signatures, and since 1.6 declarations, standards, patents and cryptographic assets.

The notation is that of `_cyclonedx_grammar`.

Source: CycloneDX 1.4 to 1.7, JSON; JSON Signature Format (JSF) 0.82. Families of algorithms and elliptic curves are
registries that grow without a new version of CycloneDX, so any text is taken for one.
"""

from __future__ import annotations

ALIASES = {"signatures": "signer_list|signer_chain|signer"}

OBJECTS = {
    "signer_list": "signers=[signer]",
    "signer_chain": "chain=[signer]",
    "signer": """
        *algorithm=signature_algorithm|uri keyId=text publicKey=curve_key|okp_key|rsa_key certificatePath=[text]
        excludes=[text] *value=text""",
    "curve_key": "*kty=EC/ *crv=P-256/P-384/P-521 *x=text *y=text",
    "okp_key": "*kty=OKP/ *crv=Ed25519/Ed448 *x=text",
    "rsa_key": "*kty=RSA/ *n=text *e=text",
    "declarations": """
        assessors=[assessor] attestations=[attestation] claims=[claim] evidence=[claim_evidence]
        targets=claim_targets affirmation=affirmation signature=signatures""",
    "assessor": "bom-ref=label thirdParty=flag organization=organization",
    "attestation": "summary=text assessor=label map=[requirement_map] signature=signatures",
    "requirement_map": """
        requirement=label claims=[label] counterClaims=[label] conformance=conformance confidence=confidence""",
    "conformance": "score=share rationale=text mitigationStrategies=[label]",
    "confidence": "score=share rationale=text",
    "claim": """
        bom-ref=label target=label predicate=text mitigationStrategies=[label] reasoning=text evidence=[label]
        counterEvidence=[label] externalReferences=[external_reference] signature=signatures""",
    "claim_evidence": """
        bom-ref=label propertyName=text description=text data=[evidence_data] created=date_time expires=date_time
        author=contact reviewer=contact signature=signatures""",
    "evidence_data": """
        name=text contents=evidence_contents classification=text sensitiveData=[text] governance=governance""",
    "evidence_contents": "attachment=attachment url=iri",
    "claim_targets": "organizations=[organization] components=[component] services=[service]",
    "affirmation": "statement=text signatories=[signatory] signature=signatures",
    "signatory": """
        name=text role=text signature=signatures organization=organization externalReference=external_reference
        <signature|externalReference+organization>""",
    "definitions": "standards=[standard] patents=[patent|patent_family]@7",
    "standard": """
        bom-ref=label name=text version=text description=text owner=text requirements=[requirement]
        levels=[standard_level] externalReferences=[external_reference] signature=signatures""",
    "requirement": """
        bom-ref=label identifier=text title=text text=text descriptions=[text] openCre=[common_requirement]
        parent=label properties=[property] externalReferences=[external_reference]""",
    "standard_level": "bom-ref=label identifier=text title=text description=text requirements=[label]",
    "patent": """
        bom-ref=label *patentNumber=patent_number applicationNumber=patent_number *jurisdiction=jurisdiction
        priorityApplication=priority_application publicationNumber=patent_number title=text abstract=text
        filingDate=date grantDate=date patentExpirationDate=date *patentLegalStatus=patent_status
        patentAssignee=[contact|organization] externalReferences=[external_reference]""",
    "priority_application": "*applicationNumber=patent_number *jurisdiction=jurisdiction *filingDate=date",
    "patent_family": """
        bom-ref=label *familyId=text priorityApplication=priority_application members=[label]
        externalReferences=[external_reference]""",
    "patent_assertion": """
        bom-ref=label *assertionType=patent_claim patentRefs=[label] *asserter=organization|contact|label notes=text""",
    "citation": """
        bom-ref=label pointers=[text]+ expressions=[text]+ *timestamp=date_time attributedTo=label process=label
        note=text signature=signatures <pointers|expressions> <attributedTo,process>""",
    "crypto": """
        *assetType=algorithm/certificate/protocol/related-crypto-material algorithmProperties=crypto_algorithm
        certificateProperties=crypto_certificate relatedCryptoMaterialProperties=crypto_material
        protocolProperties=crypto_protocol oid=text""",
    "crypto_algorithm": """
        primitive=crypto_primitive algorithmFamily=text@7 parameterSetIdentifier=text curve=text ellipticCurve=text@7
        executionEnvironment=software-plain-ram/software-encrypted-ram/software-tee/hardware/other/unknown
        implementationPlatform=crypto_platform certificationLevel=[crypto_certification]
        mode=cbc/ecb/ccm/gcm/cfb/ofb/ctr/other/unknown padding=pkcs5/pkcs7/pkcs1v15/oaep/raw/other/unknown
        cryptoFunctions=[crypto_function] classicalSecurityLevel=count nistQuantumSecurityLevel=up_to_6""",
    "crypto_certificate": """
        serialNumber=text@7 subjectName=text issuerName=text notValidBefore=date_time notValidAfter=date_time
        signatureAlgorithmRef=label subjectPublicKeyRef=label certificateFormat=text certificateExtension=text
        certificateFileExtension=text@7 fingerprint=hash@7 certificateState=[known_state|named_state]@7
        creationDate=date_time@7 activationDate=date_time@7 deactivationDate=date_time@7 revocationDate=date_time@7
        destructionDate=date_time@7 certificateExtensions=[common_extension|custom_extension]@7
        relatedCryptographicAssets=[crypto_relation]@7""",
    "known_state": "*state=pre-activation/active/suspended/deactivated/revoked/destroyed reason=text",
    "named_state": "*name=text description=text reason=text",
    "common_extension": "*commonExtensionName=certificate_extension *commonExtensionValue=text",
    "custom_extension": "*customExtensionName=text customExtensionValue=text",
    "crypto_relation": "type=text ref=label",
    "crypto_material": """
        type=crypto_material_type id=text state=pre-activation/active/suspended/deactivated/compromised/destroyed
        algorithmRef=label creationDate=date_time activationDate=date_time updateDate=date_time
        expirationDate=date_time value=text size=whole format=text securedBy=crypto_safeguard fingerprint=hash@7
        relatedCryptographicAssets=[crypto_relation]@7""",
    "crypto_safeguard": "mechanism=text algorithmRef=label",
    "crypto_protocol": """
        type=protocol version=text cipherSuites=[cipher_suite] ikev2TransformTypes=ike_transforms
        cryptoRefArray=[label] relatedCryptographicAssets=[crypto_relation]@7""",
    "cipher_suite": """
        name=text algorithms=[label] identifiers=[text] tlsGroups=[text]@7 tlsSignatureSchemes=[text]@7""",
    "ike_transforms": """
        encr=[label]@6-6 encr=[ike_encryption|label]@7 prf=[label]@6-6 prf=[ike_algorithm|label]@7 integ=[label]@6-6
        integ=[ike_algorithm|label]@7 ke=[label]@6-6 ke=[ike_group|label]@7 esn=flag auth=[label]@6-6
        auth=[ike_algorithm|label]@7""",
    "ike_encryption": "name=text keyLength=whole algorithm=label",
    "ike_algorithm": "name=text algorithm=label",
    "ike_group": "group=whole algorithm=label",
}

WORDS = {
    "signature_algorithm": "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 Ed25519 Ed448 HS256 HS384 HS512",
    "patent_status": """
        pending granted revoked expired lapsed withdrawn abandoned suspended reinstated opposed terminated invalidated
        in-force""",
    "patent_claim": """
        ownership license third-party-claim standards-inclusion prior-art exclusive-rights non-assertion
        research-or-evaluation""",
    "crypto_primitive": """
        drbg mac block-cipher stream-cipher signature hash pke xof kdf key-agree kem ae combiner other unknown
        @7 key-wrap""",
    "crypto_platform": """
        generic x86_32 x86_64 armv7-a armv7-m armv8-a armv8-m armv9-a armv9-m s390x ppc64 ppc64le other unknown""",
    "crypto_certification": """
        none fips140-1-l1 fips140-1-l2 fips140-1-l3 fips140-1-l4 fips140-2-l1 fips140-2-l2 fips140-2-l3 fips140-2-l4
        fips140-3-l1 fips140-3-l2 fips140-3-l3 fips140-3-l4 cc-eal1 cc-eal1+ cc-eal2 cc-eal2+ cc-eal3 cc-eal3+ cc-eal4
        cc-eal4+ cc-eal5 cc-eal5+ cc-eal6 cc-eal6+ cc-eal7 cc-eal7+ other unknown""",
    "crypto_function": """
        generate keygen encrypt decrypt digest tag keyderive sign verify encapsulate decapsulate other unknown""",
    "certificate_extension": """
        basicConstraints keyUsage extendedKeyUsage subjectAlternativeName authorityKeyIdentifier subjectKeyIdentifier
        authorityInformationAccess certificatePolicies crlDistributionPoints signedCertificateTimestamp""",
    "crypto_material_type": """
        private-key public-key secret-key key ciphertext signature digest initialization-vector nonce seed salt
        shared-secret tag additional-data password credential token other unknown""",
    "protocol": """
        tls ssh ipsec ike sstp wpa other unknown @7 dtls quic eap-aka eap-aka-prime prins 5g-aka""",
}
