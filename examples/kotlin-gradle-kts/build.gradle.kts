plugins {
    alias(libs.plugins.kotlin.jvm) apply false
    alias(libs.plugins.ktor) apply false
}

allprojects {
    group = "com.example"
    version = "0.3.0"

    repositories {
        mavenCentral()
    }
}
