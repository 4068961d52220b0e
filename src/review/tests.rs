use super::*;

const FRESH: &str = "# syntax=docker/dockerfile:1

# deps has the dependencies, from package-lock.json. Node 24: .nvmrc.
FROM node:24-trixie-slim AS deps
WORKDIR /app
COPY package.json package-lock.json ./
# Exactly what the lock file says.
RUN --mount=type=cache,id=npm,target=/root/.npm \\
    npm ci --omit=dev
COPY . .

# runtime has node and no shell.
FROM gcr.io/distroless/nodejs24-debian13:nonroot AS runtime
ENV NODE_ENV=production
COPY --from=deps /app /app
USER 65532:65532
# PORT in server.js
EXPOSE 3000
CMD [\"server.js\"]
";

fn told(yours: &str, problems: &[Problem]) -> Vec<String> {
    let remarks = review(yours, FRESH, problems);
    remarks.iter().map(|one| format!("{}: {} | {} | {}", one.line, one.yours, one.fresh, one.why)).collect()
}

#[test]
fn each_difference_has_its_reason() {
    let yours = "FROM node:18\nCOPY . .\nRUN npm install\nEXPOSE 3000\nCMD node server.js\n";
    assert_eq!(
        told(yours, &[]),
        [
            "1: `node:18` | `gcr.io/distroless/nodejs24-debian13:nonroot` | what only builds it stays in the image; runtime has node and no shell",
            "1: `node:18` | `node:24-trixie-slim` | deps has the dependencies, from package-lock.json. Node 24: .nvmrc",
            "2: `COPY . .` | `COPY package.json package-lock.json ./` | with all sources first, every edit installs everything again",
            "3: `npm install` | `RUN --mount=type=cache,id=npm,target=/root/.npm` | downloads are kept between builds",
            "3: `npm install` | `npm ci --omit=dev` | Exactly what the lock file says",
            "5: no such `ENV` | `ENV NODE_ENV=production` | ",
        ]
    );
}

#[test]
fn what_is_the_same_is_not_told() {
    assert_eq!(told(FRESH, &[]), Vec::<String>::new());
    assert_eq!(told("not a Dockerfile", &[]), Vec::<String>::new());
}
