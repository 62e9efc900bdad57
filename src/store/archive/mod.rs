//! An OCI image layout in one uncompressed tar: what crosses an air gap.
//!
//! Members stand in one fixed order with constant owners and times: `oci-layout`, the layers' blobs in manifest order
//! (equal ones once), config, manifest, `index.json`, `manifest.json`. The last one holds the manifest's bytes, which
//! makes the tar loadable by Docker Model Runner; everyone else ignores it, and an index has none. Where the artifact
//! has more documents than its config, all of them stand in its place. The bytes are the same whether the digests
//! were known beforehand or not, and whether the tar goes to a file or a pipe.

mod file;
mod members;
mod open;
mod stream;

pub use file::ArchiveFile;
pub use stream::ArchiveStream;
