// PersonalisationTests
