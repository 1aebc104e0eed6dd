//! Folders of the target directory that are ours: where packages are installed, and where foreign
//! programs work.

use std::path::Path;

/// Makes `directory`, empty; what an earlier run left there is removed.
pub fn empty(directory: &Path) -> Result<(), String> {
    remove(directory)?;
    std::fs::create_dir_all(directory).map_err(|error| error.to_string())
}

pub fn remove(directory: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// Makes `directory` unless it is there and made of `wanted`: the pins, and what they are for.
pub fn installed(
    directory: &Path,
    wanted: &str,
    install: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let stamp = directory.join("made-of");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == wanted) {
        return Ok(());
    }
    empty(directory)?;
    install()?;
    // Last: what is half made is made again.
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())
}
