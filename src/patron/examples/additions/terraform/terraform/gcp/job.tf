# One run at a time: two would each put back their own state.
resource "google_cloud_run_v2_job" "shop" {
  provider            = google-beta
  launch_stage        = "BETA"
  name                = var.name
  location            = var.region
  deletion_protection = var.deletion_protection

  template {
    task_count  = 1
    parallelism = 1

    template {
      service_account       = google_service_account.job.email
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "7200s"
      max_retries           = 1

      containers {
        image   = var.image
        command = ["/project/delivery/run-with-state"]

        resources {
          limits = {
            cpu    = var.cpu
            memory = var.memory
          }
        }

        env {
          name  = "STATE"
          value = "/state"
        }

        dynamic "env" {
          for_each = google_secret_manager_secret.connections
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value.secret_id
                version = "latest"
              }
            }
          }
        }

        volume_mounts {
          name       = "data"
          mount_path = "/project/data"
        }

        volume_mounts {
          name       = "state"
          mount_path = "/state"
        }
      }

      volumes {
        name = "data"
        gcs {
          bucket        = google_storage_bucket.data.name
          read_only     = true
          mount_options = ["uid=1000", "gid=1000"]
        }
      }

      volumes {
        name = "state"
        gcs {
          bucket        = google_storage_bucket.state.name
          read_only     = false
          mount_options = ["uid=1000", "gid=1000"]
        }
      }
    }
  }

  depends_on = [
    google_secret_manager_secret_iam_member.job_reads_secrets,
    google_storage_bucket_iam_member.job_reads_data,
    google_storage_bucket_iam_member.job_keeps_state,
  ]
}

resource "google_cloud_scheduler_job" "shop" {
  name             = var.name
  region           = var.region
  description      = "Runs the shop"
  schedule         = var.schedule
  time_zone        = var.time_zone
  attempt_deadline = "320s"

  retry_config {
    retry_count = 1
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.shop.id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }

  depends_on = [google_project_service.used]
}
