// SmartCard
