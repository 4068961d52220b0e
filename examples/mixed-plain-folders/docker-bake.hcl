# `docker buildx bake` builds every service; `docker buildx bake NAME` one of them.
variable "TAG" {
  default = "latest"
}

group "default" {
  targets = [
    "api",
    "weather-board",
    "worker",
  ]
}

target "api" {
  context    = "api"
  dockerfile = "Dockerfile"
  tags       = ["api:${TAG}"]
}

target "weather-board" {
  context    = "web"
  dockerfile = "Dockerfile"
  tags       = ["weather-board:${TAG}"]
}

target "worker" {
  context    = "worker"
  dockerfile = "Dockerfile"
  tags       = ["worker:${TAG}"]
}
