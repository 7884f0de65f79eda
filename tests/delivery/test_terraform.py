"""What `patron init --with terraform` makes: formatted, known to the providers, and by the policy that docs/deployment.md gives."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from delivery.terraform_files import (
    CLOUDS,
    FOLDER,
    SCHEMAS,
    Resource,
    find_schema_errors,
    list_named,
    list_references,
    list_resources,
    load,
)
from delivery.tools import find_tool
from patron.examples.additions.write import fill_templates

ROLES = {
    "roles/storage.objectViewer",
    "roles/storage.objectUser",
    "roles/bigquery.dataEditor",
    "roles/bigquery.jobUser",
    "roles/secretmanager.secretAccessor",
    "roles/run.invoker",
    "roles/artifactregistry.writer",
    "roles/iam.workloadIdentityUser",
    "Storage Blob Data Contributor",
    "Key Vault Secrets User",
    "AcrPull",
    "AcrPush",
}
"""Every role that an identity gets. None of them grants roles, deletes buckets or reads everything."""

KEPT = {
    "google_storage_bucket",
    "google_bigquery_dataset",
    "azurerm_resource_group",
    "azurerm_storage_account",
    "azurerm_storage_share",
    "azurerm_storage_data_lake_gen2_filesystem",
    "azurerm_key_vault",
}
"""What holds data: no plan may destroy it."""


@pytest.fixture(params=CLOUDS)
def cloud(request) -> str:
    return request.param


def of_type(cloud: str, type_: str) -> list[Resource]:
    found = [one for one in list_resources(cloud) if one.type == type_]
    assert found, type_
    return found


def test_terraform_fmt_changes_nothing():
    done = subprocess.run(
        [find_tool("terraform"), "fmt", "-check", "-recursive", "-diff", FOLDER],
        check=False, capture_output=True, text=True, env={"TF_CLI_CONFIG_FILE": "/dev/null"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_providers_know_every_argument_and_get_those_that_they_need(cloud):
    assert [error for one in list_resources(cloud) for error in find_schema_errors(one)] == []


def test_a_wrong_or_missing_argument_is_found():
    wrong = Resource(
        "resource", "google_cloud_run_v2_job", "x", {"name": "x", "template": [{"template": [{"cpu": 1}]}]}
    )
    assert [error.split(": ")[1] for error in find_schema_errors(wrong)] == [
        "needs location",
        "template template has no cpu",
    ]


def test_every_reference_leads_to_a_resource_and_an_attribute_of_it(cloud):
    there = {(one.type, one.name) for one in list_resources(cloud)}
    texts = [path.read_text() for path in (FOLDER / cloud).glob("*.tf")]
    found = {one for text in texts for one in list_references(re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE))}
    assert len(found) >= 20
    for type_, name, attribute in found:
        assert (type_, name) in there
        kind = "data" if type_ == "azurerm_client_config" else "resource"
        known = SCHEMAS[f"{kind}.{type_}"]
        names = {argument.rstrip("!") for argument in known["arguments"]} | set(known["attributes"])
        assert attribute in names | {""}, f"{type_}.{attribute}"


def test_every_variable_is_described_used_and_there(cloud):
    variables = list_named(cloud, "variable")
    text = "\n".join(path.read_text() for path in (FOLDER / cloud).glob("*.tf"))
    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(variables)
    assert all(body["description"].endswith(".") and body["type"] for body in variables.values())


def test_no_default_and_no_output_is_a_secret(cloud):
    for name, body in list_named(cloud, "variable").items():
        assert not re.search(r"password|token|credential|private|_key", name), name
        assert not re.search(r"://|@", str(body.get("default", ""))), name
    for name, body in list_named(cloud, "output").items():
        assert not re.search(r"access_key|connection_string|secret_data|admin_password", json.dumps(body)), name
    kinds = {one.type for one in list_resources(cloud)}
    assert not kinds & {
        "google_secret_manager_secret_version",
        "google_service_account_key",
        "azurerm_key_vault_secret",
    }


def test_the_state_is_remote_where_it_is_encrypted_and_names_no_key(cloud):
    (settings,) = load(cloud)["terraform"]
    ((kind, body),) = settings["backend"][0].items()
    assert kind == {"gcp": "gcs", "azure": "azurerm"}[cloud]
    assert not set(body) & {"access_key", "sas_token", "client_secret", "credentials", "access_token"}
    if cloud == "azure":
        assert body["use_azuread_auth"] is True
    for provider in settings["required_providers"][0].values():
        assert re.fullmatch(r"~> \d+\.\d+", provider["version"])


def test_no_bucket_is_public():
    for bucket in of_type("gcp", "google_storage_bucket"):
        assert bucket.body["public_access_prevention"] == "enforced"
        assert bucket.body["uniform_bucket_level_access"] is True
        assert bucket.body["versioning"] == [{"enabled": True}]
    for account in of_type("azure", "azurerm_storage_account"):
        assert account.body["allow_nested_items_to_be_public"] is False
        assert account.body["https_traffic_only_enabled"] is True
        assert account.body["min_tls_version"] == "TLS1_2"
    (registry,) = of_type("azure", "azurerm_container_registry")
    assert (registry.body["admin_enabled"], registry.body["anonymous_pull_enabled"]) == (False, False)


def test_only_the_account_of_mounted_shares_has_keys():
    with_keys = [
        one.name
        for one in of_type("azure", "azurerm_storage_account")
        if one.body.get("shared_access_key_enabled", True)
    ]
    assert with_keys == ["shares"]


def list_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in list_texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in list_texts(inner)]
    return [str(value)]


def test_identities_get_listed_roles_and_only_one_by_project(cloud):
    grants = [one for one in list_resources(cloud) if one.type.endswith(("_iam_member", "_role_assignment"))]
    assert len(grants) >= 4
    for grant in grants:
        assert grant.body.get("role", grant.body.get("role_definition_name")) in ROLES, grant.address
        assert not {"allUsers", "allAuthenticatedUsers", "*"} & set(list_texts(grant.body)), grant.address
    wide = [one.body["role"] for one in grants if one.type == "google_project_iam_member"]
    assert wide == (["roles/bigquery.jobUser"] if cloud == "gcp" else [])
    assert not [one for one in list_resources(cloud) if one.type.endswith(("_iam_binding", "_iam_policy"))]


def test_only_the_named_repository_may_publish_and_without_a_key():
    """A fork's workflow, or that of another branch, gets no token of the publisher."""
    (provider,) = of_type("gcp", "google_iam_workload_identity_pool_provider")
    condition = provider.body["attribute_condition"]
    assert "assertion.repository == '${var.repository}' && (assertion.ref == 'refs/heads/main' ||" in condition
    (member,) = of_type("gcp", "google_service_account_iam_member")
    assert member.body["service_account_id"] == "${google_service_account.publisher.name}"
    assert member.body["member"].endswith("/attribute.repository/${var.repository}")
    (credential,) = of_type("azure", "azurerm_federated_identity_credential")
    assert credential.body["subject"] == "repo:${var.repository}:environment:registry"
    workflow = fill_templates("github", FOLDER)[".github/workflows/shop.yml"]
    assert yaml.safe_load(workflow)["jobs"]["push"]["environment"] == "registry"
    assert all(list_named(cloud, "variable")["repository"]["default"] == "" for cloud in CLOUDS)


def test_azure_grants_nothing_by_group_or_subscription():
    for grant in of_type("azure", "azurerm_role_assignment"):
        assert re.search(r"azurerm_(storage_account\.lake\.id\}/blobS|key_vault\.connections\.id\}/secrets/|container_registry)",
                         grant.body["scope"]), grant.address  # fmt: skip


def test_what_holds_data_cannot_be_destroyed_by_a_plan(cloud):
    kept = [one for one in list_resources(cloud) if one.type in KEPT]
    assert len(kept) >= 3
    for one in kept:
        assert one.body["lifecycle"] == [{"prevent_destroy": True}], one.address
        assert one.body.get("force_destroy", False) is False
        assert one.body.get("delete_contents_on_destroy", False) is False


def test_the_job_and_the_vault_are_protected():
    (job,) = of_type("gcp", "google_cloud_run_v2_job")
    assert job.body["deletion_protection"] == "${var.deletion_protection}"
    assert list_named("gcp", "variable")["deletion_protection"]["default"] is True
    (vault,) = of_type("azure", "azurerm_key_vault")
    assert (vault.body["purge_protection_enabled"], vault.body["rbac_authorization_enabled"]) == (True, True)


def test_a_job_runs_once_at_a_time_by_the_command_that_keeps_state(tmp_path):
    command = ["/project/delivery/run-with-state"]
    (gcp,) = of_type("gcp", "google_cloud_run_v2_job")
    (template,) = gcp.body["template"]
    assert (template["parallelism"], template["task_count"]) == (1, 1)
    assert template["template"][0]["containers"][0]["command"] == command
    (azure,) = of_type("azure", "azurerm_container_app_job")
    assert azure.body["schedule_trigger_config"][0]["parallelism"] == 1
    assert azure.body["template"][0]["container"][0]["command"] == command
    files = fill_templates("docker", tmp_path)
    assert "delivery/run-with-state" in files
    assert "COPY --chown=1000:1000 . /project\n" in files["Dockerfile"]


def test_outputs_are_settings_by_name(cloud):
    settings = next(block["settings"] for block in load(cloud)["locals"] if "settings" in block)
    assert {"IMAGE_NAME", "JOB", "PUBLISHER"} <= set(settings)
    assert all(re.fullmatch(r"[A-Z_]+", name) for name in settings)
    assert (
        list_named(cloud, "output")["settings"]["value"]
        == '${join("\\n", [for name, value in local.settings : "${name}=${value}"])}'
    )
