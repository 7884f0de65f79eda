resource "azurerm_resource_group" "shop" {
  name     = "${var.name}-patron"
  location = var.location

  lifecycle {
    prevent_destroy = true
  }
}
