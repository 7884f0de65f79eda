# job: what a run is. publisher: what continuous integration pushes images as. Each may do what it needs on the resource
# that it needs it for.
resource "azurerm_user_assigned_identity" "job" {
  name                = "${var.name}-job"
  resource_group_name = azurerm_resource_group.shop.name
  location            = azurerm_resource_group.shop.location
}

resource "azurerm_user_assigned_identity" "publisher" {
  name                = "${var.name}-publisher"
  resource_group_name = azurerm_resource_group.shop.name
  location            = azurerm_resource_group.shop.location
}

resource "azurerm_role_assignment" "job_writes_lake" {
  for_each = azurerm_storage_data_lake_gen2_filesystem.layers

  scope                = "${azurerm_storage_account.lake.id}/blobServices/default/containers/${each.value.name}"
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.job.principal_id
}

resource "azurerm_role_assignment" "job_reads_secrets" {
  for_each = local.secret_names

  scope                = "${azurerm_key_vault.connections.id}/secrets/${each.value}"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.job.principal_id
}

resource "azurerm_role_assignment" "job_pulls" {
  scope                = azurerm_container_registry.images.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.job.principal_id
}

resource "azurerm_role_assignment" "publisher_pushes" {
  scope                = azurerm_container_registry.images.id
  role_definition_name = "AcrPush"
  principal_id         = azurerm_user_assigned_identity.publisher.principal_id
}
