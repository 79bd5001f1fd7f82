"""CycloneDX tables since 1.5: model cards, data, and the workflows by which something was made.

The notation is that of `_cyclonedx_grammar`.

Source: CycloneDX 1.5 to 1.7, JSON.
"""

from __future__ import annotations

OBJECTS = {
    "model_card": """
        bom-ref=label modelParameters=model_parameters quantitativeAnalysis=quantitative_analysis
        considerations=considerations properties=[property]""",
    "model_parameters": """
        approach=approach task=text architectureFamily=text modelArchitecture=text datasets=[data|data_reference]
        inputs=[model_format] outputs=[model_format]""",
    "approach": "type=supervised/unsupervised/reinforcement-learning/semi-supervised/self-supervised",
    "data_reference": "ref=label",
    "model_format": "format=text",
    "quantitative_analysis": "performanceMetrics=[performance_metric] graphics=graphics",
    "performance_metric": "type=text value=text slice=text confidenceInterval=confidence_interval",
    "confidence_interval": "lowerBound=text upperBound=text",
    "graphics": "description=text collection=[graphic]",
    "graphic": "name=text image=attachment",
    "considerations": """
        users=[text] useCases=[text] technicalLimitations=[text] performanceTradeoffs=[text]
        ethicalConsiderations=[risk] environmentalConsiderations=environmental_considerations@6
        fairnessAssessments=[fairness_assessment]""",
    "risk": "name=text mitigationStrategy=text",
    "fairness_assessment": "groupAtRisk=text benefits=text harms=text mitigationStrategy=text",
    "environmental_considerations": "energyConsumptions=[energy_consumption] properties=[property]",
    "energy_consumption": """
        *activity=energy_activity *energyProviders=[energy_provider] *activityEnergyCost=energy
        co2CostEquivalent=carbon_dioxide co2CostOffset=carbon_dioxide properties=[property]""",
    "energy_provider": """
        bom-ref=label description=text *organization=organization *energySource=energy_source *energyProvided=energy
        externalReferences=[external_reference]""",
    "energy": "*value=number *unit=kWh/",
    "carbon_dioxide": "*value=number *unit=tCO2eq/",
    "data": """
        bom-ref=label *type=source-code/configuration/dataset/definition/other name=text contents=data_contents
        classification=text sensitiveData=[text] graphics=graphics description=text governance=governance""",
    "data_contents": "attachment=attachment url=iri properties=[property]",
    "governance": "custodians=[responsible_party] stewards=[responsible_party] owners=[responsible_party]",
    "responsible_party": "organization=organization contact=contact <organization|contact>",
    "formula": """
        bom-ref=label components={component} services={service} workflows={workflow} properties=[property]""",
    "workflow": """
        *bom-ref=label *uid=text name=text description=text resourceReferences={resource} tasks={task}
        taskDependencies={dependency} *taskTypes=[task_type] trigger=trigger steps={step} inputs={input}
        outputs={output} timeStart=date_time timeEnd=date_time workspaces={workspace} runtimeTopology={dependency}
        properties=[property]""",
    "task": """
        *bom-ref=label *uid=text name=text description=text resourceReferences={resource} *taskTypes=[task_type]
        trigger=trigger steps={step} inputs={input} outputs={output} timeStart=date_time timeEnd=date_time
        workspaces={workspace} runtimeTopology={dependency} properties=[property]""",
    "resource": "ref=label externalReference=external_reference <ref|externalReference>",
    "step": "name=text description=text commands=[command] properties=[property]",
    "command": "executed=text properties=[property]",
    "trigger": """
        *bom-ref=label *uid=text name=text description=text resourceReferences={resource}
        *type=manual/api/webhook/scheduled event=event conditions={condition} timeActivated=date_time inputs={input}
        outputs={output} properties=[property]""",
    "event": """
        uid=text description=text timeReceived=date_time data=attachment source=resource target=resource
        properties=[property]""",
    "condition": "description=text expression=text properties=[property]",
    "input": """
        source=resource target=resource resource=resource parameters={parameter} environmentVars={property|text}
        data=attachment properties=[property] <resource|parameters|environmentVars|data>""",
    "parameter": "name=text value=text dataType=text",
    "output": """
        type=artifact/attestation/log/evidence/metrics/other source=resource target=resource resource=resource
        data=attachment environmentVars={property|text} properties=[property] <resource|environmentVars|data>""",
    "workspace": """
        *bom-ref=label *uid=text name=text aliases=[text] description=text resourceReferences={resource}
        accessMode=read-only/read-write/read-write-once/write-once/write-only mountPath=text managedDataType=text
        volumeRequest=text volume=volume properties=[property]""",
    "volume": """
        uid=text name=text mode=filesystem/block path=text sizeAllocated=text persistent=flag remote=flag
        properties=[property]""",
}

WORDS = {
    "energy_activity": """
        design data-collection data-preparation training fine-tuning validation deployment inference other""",
    "energy_source": "coal oil natural-gas nuclear wind solar geothermal hydropower biofuel unknown other",
    "task_type": "copy clone lint scan merge build test deliver deploy release clean other",
}
