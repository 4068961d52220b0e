# `docker buildx bake` builds every service; `docker buildx bake NAME` one of them.
variable "TAG" {
  default = "latest"
}

group "default" {
  targets = [
    "api",
    "worker",
  ]
}

target "api" {
  context    = "."
  dockerfile = "services/api/Dockerfile"
  tags       = ["api:${TAG}"]
}

target "worker" {
  context    = "."
  dockerfile = "services/worker/Dockerfile"
  tags       = ["worker:${TAG}"]
}
