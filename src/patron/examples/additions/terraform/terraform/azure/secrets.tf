# Only the vault is here. Values are added by hand, so that no state or plan holds them:
# az keyvault secret set --vault-name ... --name patron-postgres --file /dev/stdin
resource "azurerm_key_vault" "connections" {
  name                       = "${var.name}-vault"
  resource_group_name        = azurerm_resource_group.shop.name
  location                   = azurerm_resource_group.shop.location
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  soft_delete_retention_days = var.keep_days

  lifecycle {
    prevent_destroy = true
  }
}

locals {
  secret_names = { for variable in var.secrets : variable => lower(replace(variable, "_", "-")) }
}
