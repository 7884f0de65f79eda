locals {
  settings = {
    IMAGE_REGISTRY = azurerm_container_registry.images.login_server
    IMAGE_NAME     = "shop"
    LAKE_ACCOUNT   = azurerm_storage_account.lake.name
    SHARES_ACCOUNT = azurerm_storage_account.shares.name
    VAULT          = azurerm_key_vault.connections.name
    RESOURCE_GROUP = azurerm_resource_group.shop.name
    JOB            = azurerm_container_app_job.shop.name
    PUBLISHER      = azurerm_user_assigned_identity.publisher.client_id
    AZURE_TENANT   = var.repository == "" ? "" : data.azurerm_client_config.current.tenant_id
  }
}

output "settings" {
  description = "Settings of the repository and of `.env`, NAME=value a line. None is a secret."
  value       = join("\n", [for name, value in local.settings : "${name}=${value}"])
}

output "secrets" {
  description = "The secrets whose values are to be added by hand."
  value       = values(local.secret_names)
}
