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
  dockerfile = "apps/api/Dockerfile"
  tags       = ["api:${TAG}"]
}

target "worker" {
  context    = "."
  dockerfile = "apps/worker/Dockerfile"
  tags       = ["worker:${TAG}"]
}
