resource "google_bigquery_dataset" "layers" {
  for_each = var.datasets

  dataset_id                 = "${replace(var.name, "-", "_")}_${each.key}"
  location                   = var.region
  delete_contents_on_destroy = false

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.used]
}
