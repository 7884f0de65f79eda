# job: what a run is. scheduler: what starts it. publisher: what continuous integration pushes images as. Each may do
# what it needs on the resource that it needs it for; only starting queries of BigQuery is granted by project.
resource "google_service_account" "job" {
  account_id   = "${var.name}-job"
  display_name = "A run of the shop"
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  display_name = "Starts runs of the shop"
}

resource "google_service_account" "publisher" {
  account_id   = "${var.name}-publisher"
  display_name = "Pushes images of the shop"
}

resource "google_storage_bucket_iam_member" "job_reads_data" {
  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.job.member
}

resource "google_storage_bucket_iam_member" "job_keeps_state" {
  bucket = google_storage_bucket.state.name
  role   = "roles/storage.objectUser"
  member = google_service_account.job.member
}

resource "google_bigquery_dataset_iam_member" "job_writes" {
  for_each = google_bigquery_dataset.layers

  dataset_id = each.value.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.job.member
}

resource "google_project_iam_member" "job_queries" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.job.member
}

resource "google_secret_manager_secret_iam_member" "job_reads_secrets" {
  for_each = google_secret_manager_secret.connections

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.job.member
}

resource "google_cloud_run_v2_job_iam_member" "scheduler_starts" {
  name     = google_cloud_run_v2_job.shop.name
  location = google_cloud_run_v2_job.shop.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_artifact_registry_repository_iam_member" "publisher_pushes" {
  repository = google_artifact_registry_repository.images.name
  location   = google_artifact_registry_repository.images.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.publisher.member
}
