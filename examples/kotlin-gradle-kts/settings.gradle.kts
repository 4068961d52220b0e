rootProject.name = "poll"

include(":core", ":server")
