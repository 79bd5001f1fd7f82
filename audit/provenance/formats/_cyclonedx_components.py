"""CycloneDX tables: the bill itself, its components, services, licences and vulnerabilities.

The notation is that of `_cyclonedx_grammar`; `@5` means since 1.5.

Source: CycloneDX 1.4 to 1.7, JSON.
"""

from __future__ import annotations

from typing import Any

ALIASES = {
    "label": "text@-4 filled@5",
    "version": "text@-5 text_to_1024@6",
    "listed_version": "filled_to_1024@-5 text_to_1024@6",
    "range": "filled_to_1024@-6 filled_to_4096@7",
    "tools": "[tool]@-4 [tool]|tool_parts@5",
    "licenses": "[old_license_choice]@-4 [by_license]|(by_expression)@5-6 [by_license|by_expression]@7",
}

OBJECTS = {
    "bom": """
        $schema=text *bomFormat=CycloneDX/ *specVersion=text serialNumber=serial_number version=whole@-4
        version=positive@5 metadata=metadata components={component} services={service}
        externalReferences=[external_reference] dependencies={dependency} compositions={composition}
        vulnerabilities={vulnerability} annotations={annotation}@5 formulation={formula}@5 properties=[property]@5
        declarations=declarations@6 definitions=definitions@6 citations={citation}@7 signature=signatures""",
    "metadata": """
        timestamp=date_time lifecycles=[known_phase|named_phase]@5 tools=tools
        authors=[contact] component=component manufacturer=organization@6 manufacture=organization
        supplier=organization licenses=licenses properties=[property] distributionConstraints=distribution@7""",
    "known_phase": "*phase=design/pre-build/build/post-build/operations/discovery/decommission",
    "named_phase": "*name=text description=text",
    "distribution": "tlp=CLEAR/GREEN/AMBER/AMBER_AND_STRICT/RED",
    "tool": "vendor=text name=text version=version hashes=[hash] externalReferences=[external_reference]",
    "tool_parts": "components={component} services={service}",
    "organization": "bom-ref=label@5 name=text address=postal_address@6 url=[iri] contact=[contact]",
    "contact": "bom-ref=label@5 name=text email=email phone=text",
    "postal_address": """
        bom-ref=label country=text region=text locality=text postOfficeBoxNumber=text postalCode=text
        streetAddress=text""",
    "component": """
        *type=component_type mime-type=mime_type bom-ref=label supplier=organization
        manufacturer=organization@6 authors=[contact]@6 author=text publisher=text group=text *name=text
        version=version versionRange=range@7 isExternal=flag@7 description=text
        scope=required/optional/excluded hashes=[hash] licenses=licenses copyright=text
        patentAssertions=[patent_assertion]@7 cpe=text purl=text omniborId=[text]@6 swhid=[text]@6 swid=swid
        modified=flag pedigree=pedigree externalReferences=[external_reference] components={component}
        evidence=evidence releaseNotes=release_notes modelCard=model_card@5 data=[data]@5
        cryptoProperties=crypto@6 properties=[property] tags=[text]@6 signature=signatures""",
    "swid": "*tagId=text *name=text version=text tagVersion=whole patch=flag text=attachment url=iri",
    "attachment": "contentType=text encoding=base64/ *content=text",
    "hash": "*alg=hash_algorithm *content=digest",
    "pedigree": """
        ancestors=[component] descendants=[component] variants=[component] commits=[commit] patches=[patch]
        notes=text""",
    "commit": "uid=text url=iri author=deed committer=deed message=text",
    "deed": "timestamp=date_time name=text email=email",
    "patch": "*type=unofficial/monkey/backport/cherry-pick diff=diff resolves=[issue]",
    "diff": "text=attachment url=iri",
    "issue": """
        *type=defect/enhancement/security id=text name=text description=text source=issue_source references=[iri]""",
    "issue_source": "name=text url=iri",
    "external_reference": """
        *url=iri comment=text *type=external_reference_type hashes=[hash] properties=[property]@7""",
    "property": "name=text@-5 *name=text@6 value=text ...@-5",
    "evidence": """
        identity=identity@5-5 identity=[identity]|identity@6 occurrences=[occurrence]@5 callstack=call_stack@5
        licenses=licenses copyright=[copyright]""",
    "copyright": "*text=text",
    "identity": """
        *field=identity_field confidence=share concludedValue=text@6 methods=[identity_method] tools={label}""",
    "identity_method": "*technique=identity_technique *confidence=share value=text",
    "occurrence": "bom-ref=label *location=text line=count@6 offset=count@6 symbol=text@6 additionalContext=text@6",
    "call_stack": "frames=[call_frame]",
    "call_frame": """
        package=text *module=text function=text parameters=[text] line=whole column=whole fullFilename=text""",
    "release_notes": """
        *type=text title=text featuredImage=iri socialImage=iri description=text timestamp=date_time aliases=[text]
        tags=[text] resolves=[issue] notes=[note] properties=[property]""",
    "note": "locale=locale *text=attachment",
    "old_license_choice": "license=license expression=text <license|expression>",
    "by_license": "*license=license",
    "by_expression": """
        *expression=text bom-ref=label acknowledgement=declared/concluded@6 expressionDetails=[expression_detail]@7
        licensing=licensing@7 properties=[property]@7""",
    "expression_detail": "*licenseIdentifier=text bom-ref=label text=attachment url=iri",
    "license": """
        bom-ref=label@5 id=license_id name=text acknowledgement=declared/concluded@6 text=attachment url=iri
        licensing=licensing@5 properties=[property]@5 <id|name>""",
    "licensing": """
        altIds=[text] licensor=license_party licensee=license_party purchaser=license_party purchaseOrder=text
        licenseTypes=[license_type] lastRenewal=date_time expiration=date_time""",
    "license_party": "organization=organization individual=contact <organization|individual>",
    "service": """
        bom-ref=label provider=organization group=text *name=text version=version
        description=text endpoints=[iri] authenticated=flag x-trust-boundary=flag trustZone=text@5
        data=[data_flow]@-4 data=[service_data]@5 licenses=licenses
        patentAssertions=[patent_assertion]@7 externalReferences=[external_reference] services={service}
        releaseNotes=release_notes properties=[property] tags=[text]@6 signature=signatures""",
    "data_flow": "*flow=inbound/outbound/bi-directional/unknown *classification=text",
    "service_data": """
        *flow=inbound/outbound/bi-directional/unknown *classification=text name=text description=text
        governance=governance source=[iri] destination=[iri]""",
    "dependency": """
        *ref=label dependsOn={label} provides={label}@6""",
    "composition": """
        bom-ref=label@5 *aggregate=aggregate assemblies={label} dependencies={text}
        vulnerabilities={text}@5 signature=signatures""",
    "vulnerability": """
        bom-ref=label id=text source=vulnerability_source
        references=[vulnerability_reference|no_object]@-4 references=[vulnerability_reference]@5 ratings=[rating]
        cwes=[positive] description=text detail=text recommendation=text workaround=text@5
        proofOfConcept=proof_of_concept@5 advisories=[advisory] created=date_time published=date_time
        updated=date_time rejected=date_time@5 credits=credits tools=tools
        analysis=analysis affects={affected|no_object}@-4 affects={affected}@5 properties=[property]""",
    "vulnerability_source": "url=text name=text",
    "vulnerability_reference": "*id=text *source=vulnerability_source",
    "rating": """
        source=vulnerability_source score=number severity=critical/high/medium/low/info/none/unknown
        method=score_method vector=text justification=text""",
    "proof_of_concept": "reproductionSteps=text environment=text supportingMaterial=[attachment] ...",
    "advisory": "title=text *url=iri",
    "credits": "organizations=[organization] individuals=[contact]",
    "analysis": """
        state=analysis_state justification=analysis_justification response=[analysis_response] detail=text
        firstIssued=date_time@5 lastUpdated=date_time@5""",
    "affected": """
        *ref=label versions=[affected_version]""",
    "affected_version": """
        version=listed_version range=range
        status=affected/unaffected/unknown <version|range>""",
    "annotation": """
        bom-ref=label *subjects={label} *annotator=annotator *timestamp=date_time *text=text signature=signatures""",
    "annotator": """
        organization=organization individual=contact component=component service=service
        <organization|individual|component|service>""",
}

WORDS = {
    "component_type": """
        application framework library container operating-system device firmware file
        @5 platform device-driver machine-learning-model data @6 cryptographic-asset""",
    "hash_algorithm": """
        MD5 SHA-1 SHA-256 SHA-384 SHA-512 SHA3-256 SHA3-384 SHA3-512 BLAKE2b-256 BLAKE2b-384 BLAKE2b-512 BLAKE3
        @7 Streebog-256 Streebog-512""",
    "external_reference_type": """
        vcs issue-tracker website advisories bom mailing-list social chat documentation support distribution license
        build-meta build-system release-notes other
        @5 distribution-intake security-contact model-card log configuration evidence formulation attestation
        threat-model adversary-model risk-assessment vulnerability-assertion exploitability-statement pentest-report
        static-analysis-report dynamic-analysis-report runtime-analysis-report component-analysis-report
        maturity-report certification-report codified-infrastructure quality-metrics poam
        @6 source-distribution electronic-signature digital-signature rfc-9116
        @7 patent patent-family patent-assertion citation""",
    "identity_field": "group name version purl cpe swid hash @6 omniborId swhid",
    "identity_technique": """
        source-code-analysis binary-analysis manifest-analysis ast-fingerprint hash-comparison instrumentation
        dynamic-analysis filename attestation other""",
    "license_type": """
        academic appliance client-access concurrent-user core-points custom-metric device evaluation named-user
        node-locked oem perpetual processor-points subscription user other""",
    "aggregate": """
        complete incomplete incomplete_first_party_only incomplete_third_party_only unknown not_specified
        @5 incomplete_first_party_proprietary_only incomplete_first_party_opensource_only
        incomplete_third_party_proprietary_only incomplete_third_party_opensource_only""",
    "score_method": "CVSSv2 CVSSv3 CVSSv31 OWASP other @5 CVSSv4 SSVC",
    "analysis_state": "resolved resolved_with_pedigree exploitable in_triage false_positive not_affected",
    "analysis_justification": """
        code_not_present code_not_reachable requires_configuration requires_dependency requires_environment
        protected_by_compiler protected_at_runtime protected_at_perimeter protected_by_mitigating_control""",
    "analysis_response": "can_not_fix will_not_fix update rollback workaround_available",
}


def range_fault(component: dict[str, Any]) -> str:
    """What is wrong with the range of versions of a component: only an external one has one, and then no version."""
    if "versionRange" not in component:
        return ""
    if "version" in component:
        return "both version and versionRange"
    return "" if component.get("isExternal") is True else "versionRange, but isExternal is not true"
