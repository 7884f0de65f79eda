# Only the secrets' names are here. Their values are added by hand, so that no state or plan holds them:
# gcloud secrets versions add NAME --data-file=-
resource "google_secret_manager_secret" "connections" {
  for_each = var.secrets

  secret_id = "${var.name}-${lower(replace(each.key, "_", "-"))}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.used]
}
