"""联网设备: devices that speak HJ 212, what they sent and what is asked of them."""
