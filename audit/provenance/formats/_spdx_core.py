"""SPDX 3.0 tables: core, software, simple licensing, AI and data sets.

The notation is that of `_grammar`, and beside it: `<Parent` opens a class, `abstract` says that only others are of its
kind, `>Class` is an object of that class or its identifier, `*` after a kind stands for one or a list of them.

Source: SPDX 3.0.1 model (github.com/spdx/spdx-3-model).
"""

from __future__ import annotations

CLASSES = {
    "ai_EnergyConsumption": """
        <Node ai_finetuningEnergyConsumption=>ai_EnergyConsumptionDescription*
        ai_inferenceEnergyConsumption=>ai_EnergyConsumptionDescription*
        ai_trainingEnergyConsumption=>ai_EnergyConsumptionDescription*""",
    "ai_EnergyConsumptionDescription": "<Node *ai_energyQuantity=number *ai_energyUnit=energy_unit",
    "CreationInfo": """
        <Node comment=text *created=utc_time *createdBy=>Agent* createdUsing=>Tool*
        *specVersion=semantic_version""",
    "DictionaryEntry": "<Node *key=text value=text",
    "Element": """
        <Node abstract comment=text *creationInfo=>CreationInfo description=text extension=>extension_Extension*
        externalIdentifier=>ExternalIdentifier* externalRef=>ExternalRef* name=text summary=text
        verifiedUsing=>IntegrityMethod*""",
    "ElementCollection": """
        <Element abstract element=>Element* profileConformance=profile_identifier* rootElement=>Element*""",
    "ExternalIdentifier": """
        <Node comment=text *externalIdentifierType=external_identifier *identifier=text identifierLocator=iri*
        issuingAuthority=text""",
    "ExternalMap": """
        <Node definingArtifact=>Artifact *externalSpdxId=iri locationHint=iri verifiedUsing=>IntegrityMethod*""",
    "ExternalRef": "<Node comment=text contentType=media_type externalRefType=external_ref locator=text*",
    "IntegrityMethod": "<Node abstract comment=text",
    "NamespaceMap": "<Node *namespace=iri *prefix=text",
    "PackageVerificationCode": """
        <IntegrityMethod *algorithm=hash_algorithm *hashValue=text packageVerificationCodeExcludedFile=text*""",
    "PositiveIntegerRange": "<Node *beginIntegerRange=positive *endIntegerRange=positive",
    "Relationship": """
        <Element completeness=relationship_completeness endTime=utc_time *from=>Element
        *relationshipType=relationship startTime=utc_time *to=>Element*""",
    "SpdxDocument": """
        <ElementCollection dataLicense=>simplelicensing_AnyLicenseInfo import=>ExternalMap*
        namespaceMap=>NamespaceMap*""",
    "Tool": "<Element",
    "IndividualElement": "<Element",
    "simplelicensing_AnyLicenseInfo": "<Element abstract",
    "simplelicensing_LicenseExpression": """
        <simplelicensing_AnyLicenseInfo simplelicensing_customIdToUri=>DictionaryEntry*
        *simplelicensing_licenseExpression=text simplelicensing_licenseListVersion=semantic_version""",
    "simplelicensing_SimpleLicensingText": "<Element *simplelicensing_licenseText=text",
    "software_ContentIdentifier": """
        <IntegrityMethod *software_contentIdentifierType=content_identifier *software_contentIdentifierValue=iri""",
    "Agent": "<Element",
    "Annotation": "<Element *annotationType=annotation contentType=media_type statement=text *subject=>Element",
    "Artifact": """
        <Element abstract builtTime=utc_time originatedBy=>Agent* releaseTime=utc_time standardName=text*
        suppliedBy=>Agent supportLevel=support* validUntilTime=utc_time""",
    "Bundle": "<ElementCollection context=text",
    "Hash": "<IntegrityMethod *algorithm=hash_algorithm *hashValue=text",
    "LifecycleScopedRelationship": "<Relationship scope=lifecycle_scope",
    "Organization": "<Agent",
    "Person": "<Agent",
    "SoftwareAgent": "<Agent",
    "software_SoftwareArtifact": """
        <Artifact abstract software_additionalPurpose=software_purpose* software_attributionText=text*
        software_contentIdentifier=>software_ContentIdentifier* software_copyrightText=text
        software_primaryPurpose=software_purpose""",
    "Bom": "<Bundle",
    "software_File": """
        <software_SoftwareArtifact contentType=media_type@1 software_contentType=media_type@-0
        software_fileKind=file_kind""",
    "software_Package": """
        <software_SoftwareArtifact software_downloadLocation=iri software_homePage=iri software_packageUrl=iri
        software_packageVersion=text software_sourceInfo=text""",
    "software_Sbom": "<Bom software_sbomType=sbom*",
    "software_Snippet": """
        <software_SoftwareArtifact software_byteRange=>PositiveIntegerRange
        software_lineRange=>PositiveIntegerRange *software_snippetFromFile=>software_File""",
    "ai_AIPackage": """
        <software_Package ai_autonomyType=presence ai_domain=text* ai_energyConsumption=>ai_EnergyConsumption
        ai_hyperparameter=>DictionaryEntry* ai_informationAboutApplication=text ai_informationAboutTraining=text
        ai_limitation=text ai_metric=>DictionaryEntry* ai_metricDecisionThreshold=>DictionaryEntry*
        ai_modelDataPreprocessing=text* ai_modelExplainability=text*
        ai_safetyRiskAssessment=safety_risk_assessment ai_standardCompliance=text* ai_typeOfModel=text*
        ai_useSensitivePersonalInformation=presence""",
    "dataset_DatasetPackage": """
        <software_Package dataset_anonymizationMethodUsed=text*
        dataset_confidentialityLevel=confidentiality_level dataset_dataCollectionProcess=text
        dataset_dataPreprocessing=text* dataset_datasetAvailability=dataset_availability
        dataset_datasetNoise=text dataset_datasetSize=count *dataset_datasetType=dataset*
        dataset_datasetUpdateMechanism=text dataset_hasSensitivePersonalInformation=presence
        dataset_intendedUse=text dataset_knownBias=text* dataset_sensor=>DictionaryEntry*""",
}

WORDS = {
    "energy_unit": "kilowattHour megajoule other",
    "profile_identifier": "ai build core dataset expandedLicensing extension lite security simpleLicensing software",
    "external_identifier": "cpe22 cpe23 cve email gitoid other packageUrl securityOther swhid swid urlScheme",
    "external_ref": """
        altDownloadLocation altWebPage binaryArtifact bower buildMeta buildSystem certificationReport chat
        componentAnalysisReport cwe documentation dynamicAnalysisReport eolNotice exportControlAssessment
        funding issueTracker license mailingList mavenCentral metrics npm nuget other privacyAssessment
        productMetadata purchaseOrder qualityAssessmentReport releaseHistory releaseNotes riskAssessment
        runtimeAnalysisReport secureSoftwareAttestation securityAdversaryModel securityAdvisory securityFix
        securityOther securityPenTestReport securityPolicy securityThreatModel socialMedia sourceArtifact
        staticAnalysisReport support vcs vulnerabilityDisclosureReport vulnerabilityExploitabilityAssessment""",
    "hash_algorithm": """
        adler32 blake2b256 blake2b384 blake2b512 blake3 crystalsDilithium crystalsKyber falcon md2 md4 md5 md6
        other sha1 sha224 sha256 sha384 sha3_224 sha3_256 sha3_384 sha3_512 sha512""",
    "relationship_completeness": "complete incomplete noAssertion",
    "relationship": """
        affects amendedBy ancestorOf availableFrom configures contains coordinatedBy copiedTo delegatedTo
        dependsOn descendantOf describes doesNotAffect expandsTo exploitCreatedBy fixedBy fixedIn foundBy
        generates hasAddedFile hasAssessmentFor hasAssociatedVulnerability hasConcludedLicense hasDataFile
        hasDeclaredLicense hasDeletedFile hasDependencyManifest hasDistributionArtifact hasDocumentation
        hasDynamicLink hasEvidence hasExample hasHost hasInput hasMetadata hasOptionalComponent
        hasOptionalDependency hasOutput hasPrerequisite hasProvidedDependency hasRequirement hasSpecification
        hasStaticLink hasTest hasTestCase hasVariant invokedBy modifiedBy other packagedBy patchedBy publishedBy
        reportedBy republishedBy serializedInArtifact testedOn trainedOn underInvestigationFor usesTool""",
    "content_identifier": "gitoid swhid",
    "annotation": "other review",
    "support": "deployed development endOfSupport limitedSupport noAssertion noSupport support",
    "lifecycle_scope": "build design development other runtime test",
    "software_purpose": """
        application archive bom configuration container data device deviceDriver diskImage documentation
        evidence executable file filesystemImage firmware framework install library manifest model module
        operatingSystem other patch platform requirement source specification test""",
    "file_kind": "directory file",
    "sbom": "analyzed build deployed design runtime source",
    "presence": "no noAssertion yes",
    "safety_risk_assessment": "high low medium serious",
    "confidentiality_level": "amber clear green red",
    "dataset_availability": "clickthrough directDownload query registration scrapingScript",
    "dataset": """
        audio categorical graph image noAssertion numeric other sensor structured syntactic text timeseries
        timestamp video""",
}
