//! Port lists with the names that only the front door knows: services, `common` and `common:N`.

use picaporte_core::PortSet;
use picaporte_core::port::PortError;

use crate::services;
pub(crate) use crate::services::by_name;
use crate::words::said::Said;

/// Reads a port list such as `22,ssh,8000-8100,common:100`.
///
/// # Errors
/// A sentence that names the offending item.
pub(crate) fn parse(text: &str) -> Result<PortSet, Said> {
    PortSet::parse(text, &by_name).map_err(|error| match &error {
        PortError::Unknown(item) if item.starts_with("common:") => {
            said!(
                "'{item}' is no part of the list; write common:1 to common:{most}",
                "'{item}' no es parte de la lista; escriba de common:1 a common:{most}",
                item = item,
                most = services::common().len()
            )
        }
        _ => Said::of(&error),
    })
}

/// The text that `--list-ports` prints: the list `common` with its sources, or a port and its
/// service a line.
pub(crate) fn listing(text: &str) -> Result<String, Said> {
    if text == "common" {
        return Ok(services::common_list_text().to_owned());
    }
    let ports = match text.strip_prefix("common:").and_then(|_| by_name(text)) {
        Some(in_order) => in_order,
        None => parse(text)?.iter().collect(),
    };
    let line = |port: u16| format!("{port}\t{}\n", services::name(port).unwrap_or("-"));
    Ok(ports.into_iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_is_a_list_and_its_beginning() {
        assert_eq!(
            parse("common").unwrap().len() as usize,
            services::common().len()
        );
        assert_eq!(parse("common:100").unwrap().len(), 100);
        assert_eq!(parse("ssh,https,443").unwrap().to_string(), "22,443");
        for bad in ["common:0", "common:", "common:99999", "common:+1"] {
            assert!(
                parse(bad)
                    .unwrap_err()
                    .to_string()
                    .contains("common:1 to common:"),
                "{bad}"
            );
        }
        let wrong = parse("22,nosuch").unwrap_err().to_string();
        assert!(wrong.contains("'nosuch'"));
    }

    #[test]
    fn a_listing_keeps_the_order() {
        assert_eq!(listing("common:2").unwrap(), "80\thttp\n443\thttps\n");
        assert_eq!(listing("443,22,4").unwrap(), "4\t-\n22\tssh\n443\thttps\n");
        assert!(listing("common").unwrap().lines().count() >= 1000);
    }
}
