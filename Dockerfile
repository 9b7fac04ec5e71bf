# A builder with Swift, and a small Debian that holds the program and its libraries. The stage
# "lab" adds the tools that compose.yaml needs to play router and host.
#
#   docker build -t ipv8-tun .
#   docker run --cap-add NET_ADMIN --device /dev/net/tun -v ipv8:/var/lib/ipv8-tun ipv8-tun

FROM docker.io/library/swift:6.3-bookworm AS builder
WORKDIR /src
COPY scripts/install-dependencies scripts/install-dependencies
COPY scripts/lib/common.sh scripts/lib/common.sh
RUN scripts/install-dependencies
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product ipv8-tun --static-swift-stdlib \
  && install -D -s "$(swift build -c release --static-swift-stdlib --show-bin-path)/ipv8-tun" \
    /out/usr/local/bin/ipv8-tun

FROM docker.io/library/debian:bookworm-slim AS runtime
RUN apt-get update -qq \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    libsodium23 libsqlite3-0 libcap2 libstdc++6 \
    $([ "$(dpkg --print-architecture)" != amd64 ] || echo libipsec-mb1) \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin ipv8-tun \
  && install -d -m 0750 -o ipv8-tun -g ipv8-tun /var/lib/ipv8-tun
COPY --from=builder /out/ /

# It starts as root to open the TUN device, then becomes the user ipv8-tun and keeps
# CAP_NET_ADMIN alone.
VOLUME /var/lib/ipv8-tun
HEALTHCHECK --interval=30s --timeout=5s CMD ["ipv8-tun", "status"]
ENTRYPOINT ["ipv8-tun"]
CMD ["up", "--foreground"]

FROM runtime AS lab
RUN apt-get update -qq \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    iproute2 iputils-ping nftables \
  && rm -rf /var/lib/apt/lists/*
COPY scripts/lib/container-site scripts/lib/container-router /usr/local/bin/

FROM runtime
