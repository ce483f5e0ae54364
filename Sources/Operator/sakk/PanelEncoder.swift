import Ground
import Printers
import Stations

/// How a family of printers packs a document's panels.
struct PanelEncoder {
    let family: String
    /// Nil for a panel that the family does not take.
    let encode: (PanelRaster) -> Bytes?

    /// Those that print a product of this ribbon in this resolution.
    static func all(ribbon: String, dpi: Int) -> [PanelEncoder] {
        if ribbon == "laser" {
            return [PanelEncoder(family: "ixla-xml", encode: { IXLABitmap.file($0, dpi: dpi) })]
        }
        let scale = dpi / 300
        let xid = PanelEncoder(family: "g-printec-xid") { panel in
            XIDRaster.plane(panel, width: 1036 * scale, height: 664 * scale)
        }
        guard scale == 1 else { return [xid] }
        return [
            PanelEncoder(family: "evolis-esc") { EvolisRaster.pack($0, width: $0.height, height: $0.width) }, xid,
            PanelEncoder(family: "magicard") { panel in
                // its varnish is a rectangle and no plane
                panel.panel == .overlay
                    ? MagicardRaster.overcoat(panel).map { _ in [] }
                    : MagicardRaster.plane(panel, width: 672, height: panel.width)
            },
        ]
    }
}
