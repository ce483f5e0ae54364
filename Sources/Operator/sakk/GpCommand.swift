import ArgumentParser

struct GpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gp", abstract: "GlobalPlatform cards in any PC/SC reader: look, load, install, keys, life cycle.",
        discussion: """
            On the bench only test keys are taken: the public ones (40 41 .. 4F and longer) and those in the file \
            --test-keys. With another key not one command is sent. Without --key the key is 40 41 .. 4F.
            A card that proves other keys is sent nothing more; three such cards in a row stop the key set \
            (sakk gp keys release).
            """,
        subcommands: [
            GpReadersCommand.self, GpInfoCommand.self, GpListCommand.self, GpLoadCommand.self, GpInstallCommand.self,
            GpDeleteCommand.self,
            GpKeysCommand.self, GpLockCommand.self, GpStateCommand.self, GpStoreCommand.self, GpAPDUCommand.self,
        ])
}
