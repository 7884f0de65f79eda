terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
    # For the owner of a mounted bucket, which the other does not know.
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 6.50"
    }
  }

  # The bucket is named at init, since it is made before all of this; what it holds is encrypted, and kept in versions:
  # terraform init -backend-config=bucket=STATE_BUCKET
  backend "gcs" {
    prefix = "patron"
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

provider "google-beta" {
  project = var.project
  region  = var.region
}
