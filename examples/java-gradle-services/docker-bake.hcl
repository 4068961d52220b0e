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
  dockerfile = "api/Dockerfile"
  tags       = ["api:${TAG}"]
}

target "worker" {
  context    = "."
  dockerfile = "worker/Dockerfile"
  tags       = ["worker:${TAG}"]
}
