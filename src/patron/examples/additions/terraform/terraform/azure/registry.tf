resource "azurerm_container_registry" "images" {
  name                   = "${var.name}images"
  resource_group_name    = azurerm_resource_group.shop.name
  location               = azurerm_resource_group.shop.location
  sku                    = "Standard"
  admin_enabled          = false
  anonymous_pull_enabled = false
}
