variable "project" {
  type        = string
  description = "The project of Google Cloud."
}

variable "region" {
  type        = string
  description = "Where everything lies, such as europe-west1."
}

variable "name" {
  type        = string
  description = "The shop's name in the names of resources."
  default     = "patron"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Small letters, digits and dashes, 3 to 20 of them, beginning with a letter."
  }
}

variable "image" {
  type        = string
  description = "The shop's image, with its tag or digest. Before there is one: none, with -target of the registry."
}

variable "schedule" {
  type        = string
  description = "When the shop runs, as cron writes it."
  default     = "15 5 * * *"
}

variable "time_zone" {
  type        = string
  description = "The time zone of the schedule."
  default     = "Etc/UTC"
}

variable "cpu" {
  type        = string
  description = "Processors of a run."
  default     = "2"
}

variable "memory" {
  type        = string
  description = "Memory of a run. It also holds .patron while the run works."
  default     = "8Gi"
}

variable "secrets" {
  type        = set(string)
  description = "Environment variables that patron.yaml names for connections, such as PATRON_POSTGRES. Values are added by hand."
  default     = []
}

variable "datasets" {
  type        = set(string)
  description = "Datasets of BigQuery that the job may write."
  default     = ["bronze", "silver", "gold"]
}

variable "keep_days" {
  type        = number
  description = "For how many days replaced states stay."
  default     = 30
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the job can be destroyed only after this was set to false."
  default     = true
}

variable "repository" {
  type        = string
  description = "The repository of GitHub, OWNER/NAME, whose workflow may push images; empty: none."
  default     = ""
}
