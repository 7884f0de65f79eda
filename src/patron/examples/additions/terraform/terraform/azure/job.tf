resource "azurerm_log_analytics_workspace" "logs" {
  name                = "${var.name}-logs"
  resource_group_name = azurerm_resource_group.shop.name
  location            = azurerm_resource_group.shop.location
  sku                 = "PerGB2018"
  retention_in_days   = var.keep_days
}

resource "azurerm_container_app_environment" "shop" {
  name                       = var.name
  resource_group_name        = azurerm_resource_group.shop.name
  location                   = azurerm_resource_group.shop.location
  log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id
}

resource "azurerm_container_app_environment_storage" "mounted" {
  for_each = { data = "ReadOnly", state = "ReadWrite" }

  name                         = each.key
  container_app_environment_id = azurerm_container_app_environment.shop.id
  account_name                 = azurerm_storage_account.shares.name
  access_key                   = azurerm_storage_account.shares.primary_access_key
  share_name                   = azurerm_storage_share.mounted[each.key].name
  access_mode                  = each.value
}

# One run at a time: two would each put back their own state.
resource "azurerm_container_app_job" "shop" {
  name                         = var.name
  resource_group_name          = azurerm_resource_group.shop.name
  location                     = azurerm_resource_group.shop.location
  container_app_environment_id = azurerm_container_app_environment.shop.id
  replica_timeout_in_seconds   = 7200
  replica_retry_limit          = 1

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.job.id]
  }

  registry {
    server   = azurerm_container_registry.images.login_server
    identity = azurerm_user_assigned_identity.job.id
  }

  schedule_trigger_config {
    cron_expression          = var.schedule
    parallelism              = 1
    replica_completion_count = 1
  }

  dynamic "secret" {
    for_each = local.secret_names
    content {
      name                = secret.value
      identity            = azurerm_user_assigned_identity.job.id
      key_vault_secret_id = "${azurerm_key_vault.connections.vault_uri}secrets/${secret.value}"
    }
  }

  template {
    container {
      name    = "shop"
      image   = var.image
      command = ["/project/delivery/run-with-state"]
      cpu     = var.cpu
      memory  = "${2 * var.cpu}Gi"

      env {
        name  = "STATE"
        value = "/state"
      }

      dynamic "env" {
        for_each = local.secret_names
        content {
          name        = env.key
          secret_name = env.value
        }
      }

      volume_mounts {
        name = "data"
        path = "/project/data"
      }

      volume_mounts {
        name = "state"
        path = "/state"
      }
    }

    dynamic "volume" {
      for_each = azurerm_container_app_environment_storage.mounted
      content {
        name          = volume.key
        storage_name  = volume.value.name
        storage_type  = "AzureFile"
        mount_options = "uid=1000,gid=1000"
      }
    }
  }

  depends_on = [
    azurerm_role_assignment.job_pulls,
    azurerm_role_assignment.job_reads_secrets,
  ]
}
