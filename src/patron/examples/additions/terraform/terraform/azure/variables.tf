variable "subscription" {
  type        = string
  description = "The id of the subscription."
}

variable "location" {
  type        = string
  description = "Where everything lies, such as westeurope."
}

variable "name" {
  type        = string
  description = "The shop's name in the names of resources, unlike anybody else's in Azure."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,15}$", var.name))
    error_message = "Small letters and digits, 3 to 16 of them, beginning with a letter."
  }
}

variable "image" {
  type        = string
  description = "The shop's image, with its tag or digest. Before there is one: none, with -target of the registry."
}

variable "schedule" {
  type        = string
  description = "When the shop runs, as cron writes it, in UTC."
  default     = "15 5 * * *"
}

variable "cpu" {
  type        = number
  description = "Processors of a run; memory is twice as many gibibytes."
  default     = 4
}

variable "secrets" {
  type        = set(string)
  description = "Environment variables that patron.yaml names for connections, such as PATRON_POSTGRES. Values are added by hand."
  default     = []
}

variable "filesystems" {
  type        = set(string)
  description = "File systems of the data lake that the job may write."
  default     = ["bronze", "silver", "gold"]
}

variable "keep_days" {
  type        = number
  description = "For how many days deleted files, secrets and logs stay."
  default     = 30
}

variable "repository" {
  type        = string
  description = "The repository of GitHub, OWNER/NAME, whose workflow may push images; empty: none."
  default     = ""
}
