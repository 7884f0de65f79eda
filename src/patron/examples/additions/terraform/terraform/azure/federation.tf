# GitHub Actions sign in as `publisher` by GitHub's own tokens, without a key: those of one repository's environment `registry`.
resource "azurerm_federated_identity_credential" "github" {
  count = var.repository == "" ? 0 : 1

  name                = "github"
  resource_group_name = azurerm_resource_group.shop.name
  parent_id           = azurerm_user_assigned_identity.publisher.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "repo:${var.repository}:environment:registry"
}
