print("ipv8-tun")
