# The page and the widget, which the program holds.
FROM node:22-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web .
RUN node build.mjs

# The server, nothing else: pure Rust and libopus, no C++ WebRTC.
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
COPY --from=web /web/dist web/dist
# The caches stay between builds, so the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin patchbay && cp target/release/patchbay /patchbay

FROM debian:bookworm-slim
# The last four are the offline agent, and the voice that apologises when a vendor's does not answer.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
        libflite1 libespeak-ng1 pocketsphinx-en-us libpocketsphinx3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/patchbay patchbay
COPY --from=build /patchbay /usr/local/bin/patchbay
USER patchbay
ENV PATCHBAY_DATA_DIR=/var/lib/patchbay
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["patchbay"]
CMD ["serve"]
