"""SPDX 3.0 tables: builds, vulnerabilities, licences in full, and extensions; notation as in `_spdx_core`.

Source: SPDX 3.0.1 model (github.com/spdx/spdx-3-model).
"""

from __future__ import annotations

CLASSES = {
    "expandedlicensing_LicenseAddition": """
        <Element abstract *expandedlicensing_additionText=text expandedlicensing_isDeprecatedAdditionId=flag
        expandedlicensing_licenseXml=text expandedlicensing_obsoletedBy=text expandedlicensing_seeAlso=iri*
        expandedlicensing_standardAdditionTemplate=text""",
    "expandedlicensing_ListedLicenseException": """
        <expandedlicensing_LicenseAddition expandedlicensing_deprecatedVersion=text
        expandedlicensing_listVersionAdded=text""",
    "extension_CdxPropertyEntry": "<Node *extension_cdxPropName=text extension_cdxPropValue=text",
    "extension_Extension": "<Node abstract",
    "security_VulnAssessmentRelationship": """
        <Relationship abstract suppliedBy=>Agent security_assessedElement=>software_SoftwareArtifact
        security_modifiedTime=utc_time security_publishedTime=utc_time security_withdrawnTime=utc_time""",
    "build_Build": """
        <Element build_buildEndTime=utc_time build_buildId=text build_buildStartTime=utc_time
        *build_buildType=iri build_configSourceDigest=>Hash* build_configSourceEntrypoint=text*
        build_configSourceUri=iri* build_environment=>DictionaryEntry* build_parameter=>DictionaryEntry*""",
    "expandedlicensing_IndividualLicensingInfo": "<simplelicensing_AnyLicenseInfo",
    "expandedlicensing_ConjunctiveLicenseSet": """
        <simplelicensing_AnyLicenseInfo *expandedlicensing_member=>simplelicensing_AnyLicenseInfo*""",
    "expandedlicensing_CustomLicenseAddition": "<expandedlicensing_LicenseAddition",
    "expandedlicensing_DisjunctiveLicenseSet": """
        <simplelicensing_AnyLicenseInfo *expandedlicensing_member=>simplelicensing_AnyLicenseInfo*""",
    "expandedlicensing_ExtendableLicense": "<simplelicensing_AnyLicenseInfo abstract",
    "expandedlicensing_License": """
        <expandedlicensing_ExtendableLicense abstract expandedlicensing_isDeprecatedLicenseId=flag
        expandedlicensing_isFsfLibre=flag expandedlicensing_isOsiApproved=flag expandedlicensing_licenseXml=text
        expandedlicensing_obsoletedBy=text expandedlicensing_seeAlso=iri*
        expandedlicensing_standardLicenseHeader=text expandedlicensing_standardLicenseTemplate=text
        *simplelicensing_licenseText=text""",
    "expandedlicensing_ListedLicense": """
        <expandedlicensing_License expandedlicensing_deprecatedVersion=text
        expandedlicensing_listVersionAdded=text""",
    "expandedlicensing_OrLaterOperator": """
        <expandedlicensing_ExtendableLicense *expandedlicensing_subjectLicense=>expandedlicensing_License""",
    "expandedlicensing_WithAdditionOperator": """
        <simplelicensing_AnyLicenseInfo *expandedlicensing_subjectAddition=>expandedlicensing_LicenseAddition
        *expandedlicensing_subjectExtendableLicense=>expandedlicensing_ExtendableLicense""",
    "extension_CdxPropertiesExtension": "<extension_Extension *extension_cdxProperty=>extension_CdxPropertyEntry*",
    "security_CvssV2VulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship *security_score=number *security_vectorString=text""",
    "security_CvssV3VulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship *security_score=number *security_severity=cvss_severity
        *security_vectorString=text""",
    "security_CvssV4VulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship *security_score=number *security_severity=cvss_severity
        *security_vectorString=text""",
    "security_EpssVulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship *security_percentile=number *security_probability=number""",
    "security_ExploitCatalogVulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship *security_catalogType=exploit_catalog *security_exploited=flag
        *security_locator=iri""",
    "security_SsvcVulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship *security_decisionType=ssvc_decision""",
    "security_VexVulnAssessmentRelationship": """
        <security_VulnAssessmentRelationship abstract security_statusNotes=text security_vexVersion=text""",
    "security_Vulnerability": """
        <Artifact security_modifiedTime=utc_time security_publishedTime=utc_time security_withdrawnTime=utc_time""",
    "expandedlicensing_CustomLicense": "<expandedlicensing_License",
    "security_VexAffectedVulnAssessmentRelationship": """
        <security_VexVulnAssessmentRelationship *security_actionStatement=text
        security_actionStatementTime=utc_time""",
    "security_VexFixedVulnAssessmentRelationship": "<security_VexVulnAssessmentRelationship",
    "security_VexNotAffectedVulnAssessmentRelationship": """
        <security_VexVulnAssessmentRelationship security_impactStatement=text
        security_impactStatementTime=utc_time security_justificationType=vex_justification""",
    "security_VexUnderInvestigationVulnAssessmentRelationship": "<security_VexVulnAssessmentRelationship",
}

WORDS = {
    "cvss_severity": "critical high low medium none",
    "exploit_catalog": "kev other",
    "ssvc_decision": "act attend track trackStar",
    "vex_justification": """
        componentNotPresent inlineMitigationsAlreadyExist vulnerableCodeCannotBeControlledByAdversary
        vulnerableCodeNotInExecutePath vulnerableCodeNotPresent""",
}
