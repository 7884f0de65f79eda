# The data lake (ADLS): no keys, identities only.
resource "azurerm_storage_account" "lake" {
  name                            = "${var.name}lake"
  resource_group_name             = azurerm_resource_group.shop.name
  location                        = azurerm_resource_group.shop.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  is_hns_enabled                  = true
  https_traffic_only_enabled      = true
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false

  blob_properties {
    delete_retention_policy {
      days = var.keep_days
    }
    container_delete_retention_policy {
      days = var.keep_days
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_data_lake_gen2_filesystem" "layers" {
  for_each = var.filesystems

  name               = each.key
  storage_account_id = azurerm_storage_account.lake.id

  lifecycle {
    prevent_destroy = true
  }
}

# Shares that the job mounts. data: the shop's files. state: .patron between two runs. A mount of Container Apps knows a
# key and no identity, so this account has keys, and holds nothing but the two.
resource "azurerm_storage_account" "shares" {
  name                            = "${var.name}shares"
  resource_group_name             = azurerm_resource_group.shop.name
  location                        = azurerm_resource_group.shop.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  https_traffic_only_enabled      = true
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false

  share_properties {
    retention_policy {
      days = var.keep_days
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_share" "mounted" {
  for_each = toset(["data", "state"])

  name               = each.key
  storage_account_id = azurerm_storage_account.shares.id
  quota              = 100

  lifecycle {
    prevent_destroy = true
  }
}
