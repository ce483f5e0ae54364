// GlobalPlatform
