# The host of the registry, IMAGE_REGISTRY, is what Google tells: gcloud artifacts repositories describe NAME --location REGION
locals {
  settings = {
    IMAGE_NAME       = "${var.project}/${google_artifact_registry_repository.images.repository_id}/shop"
    DATA_BUCKET      = google_storage_bucket.data.name
    STATE_BUCKET     = google_storage_bucket.state.name
    BIGQUERY_PROJECT = var.project
    JOB              = google_cloud_run_v2_job.shop.name
    REGION           = var.region
    PUBLISHER        = google_service_account.publisher.email
    GOOGLE_PROVIDER  = var.repository == "" ? "" : google_iam_workload_identity_pool_provider.github[0].name
  }
}

output "settings" {
  description = "Settings of the repository and of `.env`, NAME=value a line. None is a secret."
  value       = join("\n", [for name, value in local.settings : "${name}=${value}"])
}

output "secrets" {
  description = "The secrets whose values are to be added by hand."
  value       = [for secret in google_secret_manager_secret.connections : secret.secret_id]
}
